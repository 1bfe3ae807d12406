// The messages of a queue that wait for a consumer: highest priority first, then by position.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "simbroker/model/message.hpp"

namespace simbroker::model {

class ReadyMessages {
public:
    void push(QueuedMessage message);     // its position is the highest of its priority so far
    void restore(QueuedMessage message);  // back to where it came from

    const QueuedMessage* front() const;
    QueuedMessage pop();

    std::size_t count() const { return count_; }
    std::size_t body_bytes() const { return body_bytes_; }  // what x-max-length-bytes counts
    bool empty() const { return count_ == 0; }

private:
    std::deque<QueuedMessage>& level_of(std::uint8_t priority);
    void account(const QueuedMessage& message);

    std::map<std::uint8_t, std::deque<QueuedMessage>, std::greater<>> by_priority_;
    std::size_t count_ = 0;
    std::size_t body_bytes_ = 0;
};

}  // namespace simbroker::model
