// When a rule acts: on frames on their way (Trigger), or by itself (Occasion). What is not given is not asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/amqp091/row.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/output.hpp"
#include "simbroker/core/wire.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::fault {

enum class FrameKind : std::uint8_t { any, method, header, body, heartbeat, protocol_header };

FrameKind kind_of(const Unit&);

// A frame on its way, and what is known about it.
struct Passage {
    ConnectionId connection;
    Toward toward{};
    const Unit& unit;
    Instant now{};
    std::optional<std::string> queue{};  // it is about
};

// Something that has happened in the broker since the rule was added.
struct AfterEvent {
    Event::Kind kind{};
    std::optional<std::string> subject{};

    bool is(const Event& event) const { return event.kind == kind && (!subject || event.subject == *subject); }
};

struct Trigger {
    Toward toward{};
    FrameKind frame = FrameKind::any;
    std::optional<codec::amqp091::MethodId> method{};  // with FrameKind::method
    std::optional<codec::amqp091::ChannelNumber> channel{};
    std::optional<ConnectionId> connection{};
    std::optional<std::string> queue{};

    std::optional<Instant> from{};   // at this instant or later
    std::optional<Instant> until{};  // before this instant
    std::optional<AfterEvent> after{};

    // Of the frames that match all of the above:
    std::optional<std::uint64_t> nth{};          // only this one, from 1
    std::optional<std::uint64_t> every{};        // each so manieth
    std::optional<std::uint64_t> probability{};  // of a billion
    std::optional<std::uint64_t> times{};        // then the rule is spent

    static constexpr std::uint64_t certain = 1'000'000'000;

    // All but `after` and what counts, which need a memory.
    bool matches(const Passage&) const;
};

// Without a frame: at once, at an instant, or when something happens; once, unless told otherwise.
struct Occasion {
    std::optional<ConnectionId> connection{};  // nothing: that of the event, or else every one
    std::optional<codec::amqp091::ChannelNumber> channel{};
    std::optional<std::string> queue{};  // its consumers

    std::optional<Instant> at{};
    Duration in{};  // so long after the rule was added, or after the event
    std::optional<AfterEvent> after{};
    std::optional<Duration> every{};  // and again
    std::optional<std::uint64_t> times{};
};

}  // namespace simbroker::fault
