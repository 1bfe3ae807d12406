// A trace as a story: what happened, one moment after the other, on the time line of the broker. Octets are cut into
// frames and put into words. Events are not in the file; they come of running it again beside.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simbroker/core/trace.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::trace {

struct Moment {
    enum class Kind : std::uint8_t {
        connected,
        to_broker,  // a frame from the client, when its last octet had arrived
        to_client,
        ended_by_client,
        ended_by_broker,
        condition,  // of the transport: congested, relieved
        operation,  // what an operator or a fault did
        event,      // what happened inside the broker
        deadline,   // time passed up to a deadline, and the broker looked what is due
    };

    Instant at{};
    std::uint64_t input = 0;  // of which it is part, counted from 0
    Kind kind{};
    ConnectionId connection{};  // 0: of none
    std::uint16_t channel = 0;
    std::string text;
    codec::wire::Bytes octets;  // of a frame

    friend bool operator==(const Moment&, const Moment&) = default;
};

class Story {
public:
    // Whether the trace is run again, for the events.
    enum class Events : std::uint8_t { without, run_again };

    // The stream must outlive the story.
    static std::expected<Story, TraceError> open(std::istream& from, Events events = Events::run_again);

    const TraceHeader& header() const { return reader_.header(); }

    // The next moment; nothing at the end. A file cut short is an error where it ends.
    std::expected<std::optional<Moment>, TraceError> next();

private:
    struct Streams {
        fault::FrameStream to_broker;
        fault::FrameStream to_client;
    };

    Story(TraceReader reader, Events events);

    void tell(const TracedInput&);
    void tell(const TracedOutput&);
    void tell_frames(Moment::Kind, ConnectionId, fault::FrameStream&, codec::wire::BytesView octets);
    void tell_events(const TracedInput&);
    void add(Moment::Kind kind, ConnectionId connection, std::string text);

    TraceReader reader_;
    std::unique_ptr<Machine> machine_;  // none: no events
    std::map<ConnectionId, Streams> streams_;
    std::deque<Moment> told_;
    Instant now_{};
    std::uint64_t inputs_ = 0;
    bool over_ = false;
};

}  // namespace simbroker::trace
