// For the tests of this folder: a broker that is broken on purpose. A mutant stands in front of the real one and
// changes what that hears, says or tells of itself, so that from outside it is a broker with that mistake. No program
// has it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/broker.hpp"

namespace simbroker::explore {

// A method with its content if it has one; or a heartbeat, which has no method.
struct Unit {
    codec::amqp091::ChannelNumber channel{};
    codec::wire::Bytes payload{};  // of the method frame
    codec::wire::Bytes properties{};
    std::uint64_t announced = 0;
    std::string body{};
    bool has_header = false;

    template <class M>
    std::optional<M> as() const {
        if (payload.empty()) return std::nullopt;
        const auto method = codec::amqp091::decode_method(payload);
        if (!method || !std::holds_alternative<M>(*method)) return std::nullopt;
        return std::get<M>(*method);
    }
    // The new method may view the old one.
    void become(const codec::amqp091::Method& method) {
        codec::wire::Bytes octets;
        codec::amqp091::encode(method, octets);
        payload = std::move(octets);
    }
    void append_to(codec::wire::Bytes& out) const {
        using namespace codec::amqp091;
        if (payload.empty()) return append_heartbeat(out);
        append_frame(out, {frame_type::method, channel, payload});
        if (has_header) append_content(out, channel, properties, codec::wire::as_bytes(body), 131072);
    }
};

// Octets in any pieces to whole units.
class UnitReader {
public:
    std::vector<Unit> read(codec::wire::BytesView octets) {
        using namespace codec::amqp091;
        std::vector<Unit> units;
        splitter_.feed(octets);
        while (const auto frame = splitter_.next()) {
            if (!*frame) break;
            if ((*frame)->type == frame_type::heartbeat) {
                units.emplace_back();
                continue;
            }
            auto& unit = open_[(*frame)->channel.value];
            unit.channel = (*frame)->channel;
            const auto payload = (*frame)->payload;
            bool whole = false;
            if ((*frame)->type == frame_type::method) {
                unit.payload.assign(payload.begin(), payload.end());
                whole = !carries_content(*decode_method(unit.payload));
            } else if ((*frame)->type == frame_type::header) {
                const auto header = decode_content_header(payload);
                unit.properties.assign(header->property_octets.begin(), header->property_octets.end());
                unit.announced = header->body_size;
                unit.has_header = true;
                whole = unit.announced == 0;
            } else {
                unit.body += codec::wire::as_text(payload);
                whole = unit.body.size() >= unit.announced;
            }
            if (whole) units.push_back(std::move(open_.extract((*frame)->channel.value).mapped()));
        }
        return units;
    }

    bool greeted = false;
    codec::wire::Bytes greeting{};

private:
    codec::amqp091::FrameSplitter splitter_{std::size_t{1} << 27};
    std::map<std::uint16_t, Unit> open_;
};

using Units = std::vector<Unit>;

class Mutant : public Machine {
public:
    Mutant(const BrokerConfig& config, Seed seed)
        : chance_(Prng::fork(seed, "mutant")), broker_(std::make_unique<Broker>(config, seed)) {}

    Outputs handle(Instant now, const Input& input) override {
        Outputs all;
        const auto give = [&](const Input& changed) {
            for (auto& output : broker_->handle(now, changed)) all.push_back(std::move(output));
        };
        if (const auto* received = std::get_if<Received>(&input)) {
            hear(*received, give);
        } else {
            before(input, give);
            give(input);
        }
        Outputs outputs;
        for (auto& output : all) say(output, outputs);
        return outputs;
    }
    std::optional<Instant> next_deadline() const override { return broker_->next_deadline(); }

protected:
    using Give = std::function<void(const Input&)>;

    // Each may change the units, drop them or add some.
    virtual void from_client(ConnectionId, Units&) {}
    virtual void from_broker(ConnectionId, Units&) {}
    virtual void before(const Input&, const Give&) {}  // an input that is not Received
    virtual void tell(Event&) {}

    Prng chance_;

private:
    void hear(const Received& received, const Give& give) {
        auto& reader = readers_[received.connection];
        auto octets = received.bytes;
        codec::wire::Bytes out;
        if (!reader.greeted) {
            while (!octets.empty() && reader.greeting.size() < codec::amqp091::protocol_header_091.size()) {
                reader.greeting.push_back(octets.front());
                octets = octets.subspan(1);
            }
            if (reader.greeting.size() < codec::amqp091::protocol_header_091.size()) return;
            reader.greeted = true;
            out = reader.greeting;
        }
        auto units = reader.read(octets);
        from_client(received.connection, units);
        for (const auto& unit : units) unit.append_to(out);
        give(Received{received.connection, out});
    }

    void say(Output& output, Outputs& outputs) {
        if (auto* event = std::get_if<Event>(&output)) tell(*event);
        if (auto* send = std::get_if<Send>(&output)) {
            UnitReader reader;
            auto units = reader.read(send->bytes);
            from_broker(send->connection, units);
            send->bytes.clear();
            for (const auto& unit : units) unit.append_to(send->bytes);
            if (send->bytes.empty()) return;
        }
        outputs.push_back(std::move(output));
    }

    std::unique_ptr<Broker> broker_;
    std::map<ConnectionId, UnitReader> readers_;
};

}  // namespace simbroker::explore
