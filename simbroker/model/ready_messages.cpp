#include "simbroker/model/ready_messages.hpp"

#include <algorithm>
#include <cassert>

namespace simbroker::model {

void ReadyMessages::account(const QueuedMessage& message) {
    ++count_;
    body_bytes_ += message.message->body.size();
}

// Every level is occupied, save a lone one: so the first level holds the front.
std::deque<QueuedMessage>& ReadyMessages::level_of(std::uint8_t priority) {
    if (empty() && !by_priority_.contains(priority)) by_priority_.clear();
    return by_priority_[priority];
}

void ReadyMessages::push(QueuedMessage message) {
    auto& level = level_of(message.priority);
    account(message);
    level.push_back(std::move(message));
}

void ReadyMessages::restore(QueuedMessage message) {
    auto& level = level_of(message.priority);
    account(message);
    const auto at = std::ranges::lower_bound(level, message.position, {}, &QueuedMessage::position);
    level.insert(at, std::move(message));
}

const QueuedMessage* ReadyMessages::front() const {
    if (empty()) return nullptr;
    return &by_priority_.begin()->second.front();
}

QueuedMessage ReadyMessages::pop() {
    assert(!empty());
    const auto level = by_priority_.begin();
    auto message = std::move(level->second.front());
    level->second.pop_front();
    if (level->second.empty() && by_priority_.size() > 1) by_priority_.erase(level);  // a lone level keeps its memory
    --count_;
    body_bytes_ -= message.message->body.size();
    return message;
}

}  // namespace simbroker::model
