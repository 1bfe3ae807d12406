// The simulated disk. Writes are numbered in the order they are made, and each is safe from a crash once it was synced:
// the configured delay after it was made, at once if there is none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

#include "simbroker/core/instant.hpp"

namespace simbroker::model {

using WriteNumber = std::uint64_t;  // 0: nothing was written

class Disk {
public:
    explicit Disk(Duration sync_delay) : sync_delay_(sync_delay) {}

    WriteNumber write(Instant now) {
        ++last_;
        if (sync_delay_ == Duration::zero() && under_way_.empty()) {
            safe_ = last_;
        } else {
            const auto before = under_way_.empty() ? now : under_way_.back().safe_at;
            under_way_.push_back({std::max(now + sync_delay_, before), last_});
        }
        return last_;
    }

    // For the writes to come; they stay in order.
    void set_sync_delay(Duration delay) { sync_delay_ = delay; }

    WriteNumber last() const { return last_; }
    bool is_safe(WriteNumber write) const { return write <= safe_; }

    // When the next write becomes safe, if one is under way.
    std::optional<Instant> next_sync() const {
        if (under_way_.empty()) return std::nullopt;
        return under_way_.front().safe_at;
    }

    void sync_until(Instant now) {
        for (; !under_way_.empty() && under_way_.front().safe_at <= now; under_way_.pop_front()) {
            safe_ = under_way_.front().number;
        }
    }

    // An orderly stop leaves nothing behind.
    void sync_all() {
        safe_ = last_;
        under_way_.clear();
    }

    // A crash: what is under way never arrives. Ask is_safe about it before.
    void lose_what_is_under_way() { sync_all(); }

private:
    struct UnderWay {
        Instant safe_at;
        WriteNumber number;
    };

    Duration sync_delay_;
    WriteNumber last_ = 0;
    WriteNumber safe_ = 0;
    std::deque<UnderWay> under_way_;
};

}  // namespace simbroker::model
