// Stands between a simulation and a broker, reads along in both directions, and keeps the ledger. At the broker's own
// door there is no doubt about what came first: no octet is under way there.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/explore/ledger.hpp"

namespace simbroker::explore {

class Tap final : public Machine {
public:
    // Both must outlive the tap.
    Tap(Machine& inner, Ledger& ledger) : inner_(inner), ledger_(ledger) {}

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override { return inner_.next_deadline(); }

private:
    // A method with a content, until all of it is there.
    struct Content {
        codec::wire::Bytes method{};
        codec::wire::Bytes properties{};
        std::uint64_t announced = 0;
        std::string body{};
    };
    struct Way {
        codec::amqp091::FrameSplitter splitter{std::size_t{1} << 27};
        std::map<std::uint16_t, Content> contents{};
    };
    struct Connection {
        Way to_broker{};
        Way to_client{};
        bool greeted = false;  // the protocol header was read
        bool held = false;     // the broker stopped reading it: there is an alarm, and it publishes
        bool ended = false;
        std::vector<std::uint16_t> closing{};  // channels the broker closed, whose close-ok has not come
    };

    void read_input(const Input& input, const Outputs& outputs);
    void read_from_client(ConnectionId, codec::wire::BytesView octets);
    void read_frames_from_client(ConnectionId, Connection&);
    void read_from_broker(ConnectionId, codec::wire::BytesView octets);
    void note_doubts(ConnectionId, const Outputs& outputs);

    void from_client(ConnectionId, Connection&, const codec::amqp091::Frame&);
    void from_broker(ConnectionId, Connection&, const codec::amqp091::Frame&);
    void client_says(ConnectionId, Connection&, ChannelKey, const codec::amqp091::Method&);
    void broker_says(ConnectionId, Connection&, ChannelKey, const codec::amqp091::Method&);
    std::optional<Content> content_of(Way&, const codec::amqp091::Frame&);
    void published(ChannelKey, const Content&);
    void sent(ChannelKey, const Content&);
    void end(ConnectionId);
    void alarm(const SetAlarm&, const Outputs& outputs);

    Machine& inner_;
    Ledger& ledger_;
    std::map<ConnectionId, Connection> connections_;
    bool memory_ = false;
    bool disk_ = false;
};

}  // namespace simbroker::explore
