// What a fault plan can do to a frame, as values. A rule is a trigger and a fault; a plan is a list of rules.
// A fault on a method that carries content is about the whole content: header and bodies share the method's fate.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "codec/amqp091/row.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/wire.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::fault {

enum class FrameKind : std::uint8_t { any, method, header, body, heartbeat, protocol_header };

// Which frames a rule is about. What is not given matches all.
struct Trigger {
    Toward toward{};
    FrameKind frame = FrameKind::any;
    std::optional<codec::amqp091::MethodId> method;  // with FrameKind::method
    std::optional<codec::amqp091::ChannelNumber> channel;
    std::optional<ConnectionId> connection;
    std::optional<std::uint64_t> nth;    // only the nth frame that matches the rest, from 1
    std::optional<std::uint64_t> times;  // at most so many frames

    // All but nth and times, which need a memory.
    bool matches(ConnectionId, Toward, const Unit&) const;
};

// Frames as notation.hpp writes them, found right when the rule was made.
struct Script {
    nlohmann::json frames = nlohmann::json::array();

    codec::wire::Bytes render(codec::amqp091::ChannelNumber channel) const;
};

struct Drop {};
struct Duplicate {};

// Kept until Interceptor::release; what follows overtakes it.
struct Hold {
    std::string label;
};

// Kept for a time; what follows overtakes it.
struct Delay {
    Duration duration;
};

// Fields of the method change; notation as in messages.
struct Replace {
    nlohmann::json fields;
};

// Frames of ours travel along with it, or in its place.
struct Insert {
    enum class Where : std::uint8_t { before, after, instead };
    Where where{};
    Script script;
};

// It goes no further, and its sender gets the script.
struct Answer {
    Script script;
};

// These octets, frames or not, go in its place.
struct Substitute {
    codec::wire::Bytes octets;
};

// Its last octet becomes this one.
struct FrameEnd {
    codec::amqp091::Octet octet{};
};

// It goes no further and the transport is dropped, at both ends.
struct DropTransport {};

// It goes no further: the broker crashes, or stops in order, and starts again when the outage is over.
struct Outage {
    enum class Kind : std::uint8_t { crash, restart };
    Kind kind{};
    Duration lasting{};
};

using Fault =
    std::variant<Drop, Duplicate, Hold, Delay, Replace, Insert, Answer, Substitute, FrameEnd, DropTransport, Outage>;

}  // namespace simbroker::fault
