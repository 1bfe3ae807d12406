// One connection as the interceptor sees it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/core/output.hpp"
#include "simbroker/fault/fault_plan.hpp"
#include "simbroker/fault/gathering.hpp"
#include "simbroker/fault/inserted_requests.hpp"

namespace simbroker::fault {

// What becomes of the header and bodies that follow a method with a fault.
enum class Fate : std::uint8_t { pass, swallow, collect };

// A content on its way whose method a fault has met.
struct Content {
    Fate fate = Fate::pass;
    std::optional<Firing> firing{};  // to be finished when the content is complete
    codec::wire::Bytes collected{};  // with Fate::collect, from the method on
    bool header_seen = false;
    std::uint64_t missing = 0;  // octets of the body
};

struct Direction {
    FrameStream stream;
    std::map<codec::amqp091::ChannelNumber, Content> contents;
};

// An open channel.
struct ChannelView {
    std::map<std::string, std::string> consumers{};  // by tag: the queue
    std::string asked_queue{};                       // of the last request that named one
    ConfirmLedger confirms{};
    std::vector<std::uint64_t> just_answered{};  // by the basic.ack that is looked at

    void answer(std::uint64_t tag, bool multiple);
};

struct Line {
    // While no rule is there, frames are not looked at.
    enum class Reading : std::uint8_t { frames, followed };

    Reading reading = Reading::frames;
    bool open = false;  // connection.open-ok is out
    std::array<Direction, 2> directions{};
    InsertedRequests closes{};
    std::map<codec::amqp091::ChannelNumber, ChannelView> channels{};
    std::size_t frame_max = 131072;  // agreed on

    Direction& toward(Toward side) { return directions[static_cast<std::size_t>(side)]; }

    // Events about this connection, told before the octets that came with them.
    void hear(const Event&);

    // Frames that go by.
    void see(Toward, const Unit&);
    // Octets for the client that nobody looks at, whole frames: only confirms are noted.
    void skim(codec::wire::BytesView octets);
    std::optional<std::string> queue_of(Toward, const Unit&) const;
    bool can_be_followed() const;
};

}  // namespace simbroker::fault
