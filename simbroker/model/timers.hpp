// What is due when. Timers that are due at one instant fire in the order in which they were set.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"

namespace simbroker::model {

// A queue's name for the life of a broker; a queue declared anew under an old name has a new id.
struct QueueId {
    std::uint64_t value{};
    friend constexpr auto operator<=>(QueueId, QueueId) = default;
};

struct ConnectionTimer {
    enum class Kind : std::uint8_t { send_heartbeat, expect_octets, drop };
    ConnectionId connection;
    Kind kind{};
};

// Deliveries of a channel may have waited too long for their acknowledgement.
struct ChannelTimer {
    ConnectionId connection;
    std::uint16_t channel{};
};

struct QueueTimer {
    enum class Kind : std::uint8_t { unused, head_expires, dead_letters, delayed_retry, works };
    QueueId queue;
    Kind kind{};
};

// The oldest write under way reaches the disk.
struct DiskTimer {};

// The end of a delayed message's wait.
struct DelayTimer {
    std::uint64_t id{};
};

// A queue that takes its time has taken what a channel published.
struct TakenTimer {
    ConnectionId connection;
    std::uint16_t channel{};
};

using TimerTarget = std::variant<ConnectionTimer, ChannelTimer, QueueTimer, DiskTimer, DelayTimer, TakenTimer>;

class Timers {
public:
    // One timer of somebody's; it remembers whether and where it is set.
    class Handle {
        friend class Timers;
        std::optional<std::pair<Instant, std::uint64_t>> key_;
    };

    void set(Handle& handle, Instant at, TimerTarget target) {
        cancel(handle);
        handle.key_ = {at, next_sequence_++};
        targets_.emplace(*handle.key_, target);
    }

    void cancel(Handle& handle) {
        if (handle.key_) targets_.erase(*handle.key_);
        handle.key_.reset();
    }

    bool is_set(const Handle& handle) const { return handle.key_ && targets_.contains(*handle.key_); }

    std::optional<Instant> next() const {
        if (targets_.empty()) return std::nullopt;
        return targets_.begin()->first.first;
    }

    // What that is.
    std::optional<TimerTarget> next_target() const {
        if (targets_.empty()) return std::nullopt;
        return targets_.begin()->second;
    }

    // Takes out the first timer due at `now`.
    std::optional<std::pair<Instant, TimerTarget>> pop_due(Instant now) {
        if (targets_.empty() || targets_.begin()->first.first > now) return std::nullopt;
        const auto first = targets_.begin();
        const std::pair due{first->first.first, first->second};
        targets_.erase(first);
        return due;
    }

private:
    std::map<std::pair<Instant, std::uint64_t>, TimerTarget> targets_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace simbroker::model
