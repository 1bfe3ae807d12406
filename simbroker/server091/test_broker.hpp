// For the tests of this folder: a broker in a simulation, and words for the methods they send most.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simbroker/core/broker.hpp"
#include "simbroker/drive/scripted_peer.hpp"

namespace simbroker::server091 {

using codec::amqp091::BasicProperties;
using codec::amqp091::FieldArrayBuilder;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::LongString;
using drive::ScriptedPeer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace methods = codec::amqp091;

struct TestBroker {
    Broker broker;
    drive::Simulation simulation;

    explicit TestBroker(const profile::Profile& profile = profile::rabbitmq_4_3()) : TestBroker(config_of(profile)) {}
    explicit TestBroker(BrokerConfig config) : broker(std::move(config), 1), simulation(broker) {}

    ScriptedPeer peer(drive::ScriptedPeerOptions options = {}) { return ScriptedPeer(simulation, std::move(options)); }
    void advance(Duration duration) { simulation.advance(duration); }

    // Why the operation was refused, or nothing.
    std::string operate(Operation operation) {
        std::string refusal;
        perform(std::move(operation), [&](const Event& event) {
            if (event.kind == Event::Kind::operation_refused) refusal = event.detail;
        });
        return refusal;
    }

    std::vector<std::string> list(const operation::List& what) {
        std::vector<std::string> rows;
        perform(what, [&](const Event& event) {
            if (event.kind == Event::Kind::listed) rows.push_back(event.detail);
        });
        return rows;
    }

    template <class OnEvent>
    void perform(Operation operation, OnEvent&& on_event) {
        simulation.run_until_idle();
        simulation.take_events();
        simulation.inject(Operate{std::move(operation)});
        simulation.run_until(simulation.now());
        for (const auto& event : simulation.take_events()) on_event(event.event);
    }

    static BrokerConfig config_of(const profile::Profile& profile) {
        BrokerConfig config;
        config.profile = profile;
        return config;
    }
};

inline std::string declare(
    ScriptedPeer& peer, const std::string& queue, const FieldTableBuilder& arguments = FieldTableBuilder()
) {
    return peer.ask(1, methods::queue::Declare{.queue = queue, .arguments = arguments.view()});
}

// As far as connection.tune-ok.
inline void shake_hands(ScriptedPeer& peer, const std::string& user, const std::string& password) {
    peer.send_octets(methods::protocol_header_091);
    const auto response = '\0' + user + '\0' + password;
    peer.ask(0, methods::connection::StartOk{.mechanism = "PLAIN", .response = {response}, .locale = "en_US"});
    peer.ask(0, methods::connection::TuneOk{.channel_max = 2047, .frame_max = 131072, .heartbeat = 0});
}

inline void publish(
    ScriptedPeer& peer, const std::string& queue, std::string_view body, const BasicProperties& properties = {}
) {
    peer.publish(1, {.routing_key = queue}, body, properties);
}

// The bodies that basic.get with no-ack takes out of a queue until it is empty, joined by blanks.
inline std::string drain(ScriptedPeer& peer, const std::string& queue) {
    std::string bodies;
    for (int bound = 0; bound < 1000; ++bound) {
        const auto line = peer.ask(1, methods::basic::Get{.queue = queue, .no_ack = true});
        if (line.find("basic.get-ok") == std::string::npos) return bodies;
        const auto end = line.rfind('"');
        const auto start = line.rfind('"', end - 1) + 1;
        bodies += (bodies.empty() ? "" : " ") + line.substr(start, end - start);
    }
    return "more than 1000 messages";
}

}  // namespace simbroker::server091
