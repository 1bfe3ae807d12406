// Publisher confirms of one channel: sequence numbers, and how acks and nacks are put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "simbroker/model/disk.hpp"

namespace simbroker::server091 {

// One basic.ack or basic.nack to send.
struct Confirmation {
    enum class Kind : std::uint8_t { ack, nack };
    Kind kind{};
    std::uint64_t delivery_tag{};
    bool multiple = false;

    friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

class Confirms {
public:
    void select() { selected_ = true; }
    bool selected() const { return selected_; }

    // The number of the next publish, counted from 1 at confirm.select.
    std::uint64_t next() { return ++last_; }

    void acknowledge(std::uint64_t number) { acknowledged_.push_back(number); }

    // Acknowledged as soon as this write is safe on the disk.
    void acknowledge_when_safe(std::uint64_t number, model::WriteNumber write) { waiting_.push_back({write, number}); }
    void disk_synced(const model::Disk& disk);

    // Acknowledged when its queues have taken it, and this write, if there is one, is safe.
    void acknowledge_when_taken(std::uint64_t number, model::WriteNumber write, Instant at) {
        coming_.emplace(at, Waiting{write, number});
    }
    std::optional<Instant> next_taken() const {
        return coming_.empty() ? std::nullopt : std::optional(coming_.begin()->first);
    }
    void taken(Instant now, const model::Disk& disk);

    void refuse(std::uint64_t number) { refused_.push_back(number); }

    // Published and not yet confirmed, as far as that waits for the disk or for the end of the input.
    std::size_t unconfirmed() const {
        return acknowledged_.size() + waiting_.size() + coming_.size() + refused_.size();
    }

    // What has come together since the last time, acks first. RabbitMQ's rule: one lone ack goes out as it is;
    // otherwise everything below the first number still open, or open the other way, becomes one "multiple", the rest
    // single.
    std::vector<Confirmation> flush();

private:
    bool selected_ = false;
    std::uint64_t last_ = 0;
    std::vector<std::uint64_t> acknowledged_;
    std::vector<std::uint64_t> refused_;

    struct Waiting {
        model::WriteNumber write;
        std::uint64_t number;
    };
    std::uint64_t first_open() const;
    std::deque<Waiting> waiting_;               // in the order of their writes
    bool in_order_ = true;                      // of their numbers, too
    std::multimap<Instant, Waiting> coming_{};  // to queues that take their time
};

}  // namespace simbroker::server091
