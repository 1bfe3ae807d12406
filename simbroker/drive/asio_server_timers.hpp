// What is due in broker time and is none of the broker's: octets on a slow wire, a client that waits at the door. The
// server's loop meets these instants as it meets the broker's deadlines, whichever clock there is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "simbroker/core/deadline.hpp"

namespace simbroker::drive {

class BrokerTimers {
public:
    using Action = std::function<void()>;

    class Handle {
        friend class BrokerTimers;
        std::optional<std::pair<Instant, std::uint64_t>> key_;
    };

    void set(Handle& handle, Deadline what, Action action) {
        cancel(handle);
        handle.key_ = {what.at, next_sequence_++};
        due_.emplace(*handle.key_, Due{std::move(what), std::move(action)});
        if (on_set) on_set();
    }

    void cancel(Handle& handle) {
        if (handle.key_) due_.erase(*handle.key_);
        handle.key_.reset();
    }

    const Deadline* next() const { return due_.empty() ? nullptr : &due_.begin()->second.what; }

    // Does the first thing that is due by then. False: nothing is.
    bool meet(Instant now) {
        if (due_.empty() || due_.begin()->first.first > now) return false;
        const auto due = due_.extract(due_.begin());
        due.mapped().action();
        return true;
    }

    void clear() { due_.clear(); }

    std::function<void()> on_set{};  // something may be due earlier than before

private:
    struct Due {
        Deadline what;
        Action action;
    };
    std::map<std::pair<Instant, std::uint64_t>, Due> due_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace simbroker::drive
