// The messages of a stream: numbered, kept whether or not anybody has read them, and dropped by the segment when the
// stream is too large or its beginning too old. Each reader has a place of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simbroker/model/message.hpp"

namespace simbroker::model {

class Subscriber;

struct StreamEntry {
    std::uint64_t offset = 0;
    Instant at;
    MessagePtr message;
};

struct StreamLimits {
    std::optional<std::uint64_t> bytes;
    std::optional<Duration> age;
    std::uint64_t segment_bytes = 500'000'000;
};

// Which messages a reader wants, by the value of their header x-stream-filter-value; without values it wants all.
struct StreamFilter {
    std::set<std::string, std::less<>> values;
    bool unfiltered_too = false;  // those without the header

    bool wants(const Message& message) const;
};

class StreamLog {
public:
    void append(MessagePtr message, Instant now, const StreamLimits& limits);

    // Takes out what has to go. RabbitMQ looks when a segment is full, and never drops the one it writes to.
    std::vector<MessagePtr> drop_surplus(Instant now, const StreamLimits& limits);

    std::uint64_t first_offset() const { return next_offset_ - entries_.size(); }
    std::uint64_t next_offset() const { return next_offset_; }
    std::size_t count() const { return entries_.size(); }
    const std::deque<StreamEntry>& entries() const { return entries_; }

    // Readers, in the order in which they came.
    void attach(const Subscriber& reader, std::uint64_t from, StreamFilter filter);
    void detach(const Subscriber& reader);

    // The next message for a reader, which moves on behind it; nothing if it has read all there is for it.
    const StreamEntry* read(const Subscriber& reader);

private:
    struct Segment {
        std::size_t count = 0;
        std::uint64_t bytes = 0;
    };
    struct Reader {
        const Subscriber* subscriber = nullptr;
        std::uint64_t next = 0;
        StreamFilter filter;
    };

    std::size_t surplus_segments(Instant now, const StreamLimits& limits) const;

    std::deque<StreamEntry> entries_;
    std::deque<Segment> segments_;  // the last is written to
    std::uint64_t next_offset_ = 0;
    bool segment_was_filled_ = false;
    std::vector<Reader> readers_;
};

}  // namespace simbroker::model
