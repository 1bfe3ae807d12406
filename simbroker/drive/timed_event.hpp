// What happened inside the broker, with the instant, kept by a driver until somebody asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "simbroker/core/instant.hpp"
#include "simbroker/core/output.hpp"

namespace simbroker::drive {

struct TimedEvent {
    std::uint64_t sequence = 0;  // counts from 0 in a driver's life, so a gap shows what was forgotten
    Instant at{};
    Event event;

    friend bool operator==(const TimedEvent&, const TimedEvent&) = default;
};

// Bounded: the oldest events are forgotten first.
class EventLog {
public:
    explicit EventLog(std::size_t most) : most_(most) {}

    const TimedEvent& add(Instant at, Event event) {
        if (events_.size() >= most_ && !events_.empty()) events_.pop_front();
        return events_.emplace_back(TimedEvent{next_++, at, std::move(event)});
    }

    std::vector<TimedEvent> take() {
        std::vector<TimedEvent> taken(std::make_move_iterator(events_.begin()), std::make_move_iterator(events_.end()));
        events_.clear();
        return taken;
    }

    // Those kept whose sequence number is `first` or later.
    std::vector<TimedEvent> since(std::uint64_t first) const {
        std::vector<TimedEvent> found;
        for (const auto& event : events_) {
            if (event.sequence >= first) found.push_back(event);
        }
        return found;
    }

    bool empty() const { return events_.empty(); }
    std::uint64_t next_sequence() const { return next_; }

private:
    std::size_t most_;
    std::uint64_t next_ = 0;
    std::deque<TimedEvent> events_;
};

}  // namespace simbroker::drive
