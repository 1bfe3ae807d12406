// For tests: a broker with faults and a client of it, in virtual time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "simbroker/drive/scripted_peer.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::fault {

class FaultsTest : public testing::Test {
protected:
    using Lines = std::vector<std::string>;

    // Single quotes for double ones, so that rules read like YAML.
    void add(std::string rule) {
        std::ranges::replace(rule, '\'', '"');
        simulation_.handle_now(AddFault{rule});
    }
    void remove(const std::string& id) { simulation_.handle_now(RemoveFault{id}); }

    // What the events of one kind tell.
    Lines events(Event::Kind kind) {
        Lines lines;
        for (const auto& timed : simulation_.take_events()) {
            if (timed.event.kind != kind) continue;
            auto line = timed.event.subject + " " + timed.event.detail;
            if (timed.event.number != 0) line += " " + std::to_string(timed.event.number);
            lines.push_back(line);
        }
        return lines;
    }

    void consume(const std::string& queue, const std::string& tag) {
        namespace methods = codec::amqp091;
        peer_.ask(1, methods::queue::Declare{.queue = queue, .exclusive = true});
        peer_.ask(1, methods::basic::Consume{.queue = queue, .consumer_tag = tag, .no_ack = true});
    }

    std::unique_ptr<Interceptor> broker_ = broker_with_faults({}, 1);
    drive::Simulation simulation_{*broker_};
    drive::ScriptedPeer peer_{simulation_};
};

}  // namespace simbroker::fault
