#include "simbroker/model/ready_messages.hpp"

#include <algorithm>
#include <cassert>

namespace simbroker::model {

void ReadyMessages::account(const QueuedMessage& message) {
    ++count_;
    body_bytes_ += message.message->body.size();
    property_bytes_ += message.message->property_octets.size();
}

void ReadyMessages::discount(const QueuedMessage& message) {
    --count_;
    body_bytes_ -= message.message->body.size();
    property_bytes_ -= message.message->property_octets.size();
}

// Every level is occupied, save a lone one: so the first level holds the front.
std::deque<QueuedMessage>& ReadyMessages::level_of(std::uint8_t priority) {
    const bool levels_are_empty = count_ == returned_.size();
    if (levels_are_empty && !by_priority_.contains(priority)) by_priority_.clear();
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

void ReadyMessages::push_front(QueuedMessage message) {
    account(message);
    returned_.push_back(std::move(message));
}

ReadyMessages::Levels::const_iterator ReadyMessages::level_to_serve() const {
    const auto higher = by_priority_.begin();
    if (service_ == Service::highest_first || by_priority_.size() < 2) return higher;
    const auto lower = std::next(higher);
    const bool higher_is_older = higher->second.front().position < lower->second.front().position;
    return higher_is_older || served_ < 2 ? higher : lower;
}

void ReadyMessages::move_expiry(Duration by) {
    const auto move = [by](std::deque<QueuedMessage>& messages) {
        for (auto& message : messages) {
            if (message.expires_at) *message.expires_at += by;
        }
    };
    move(returned_);
    for (auto& [priority, messages] : by_priority_) move(messages);
}

const QueuedMessage* ReadyMessages::front() const {
    if (empty()) return nullptr;
    return returned_.empty() ? &level_to_serve()->second.front() : &returned_.front();
}

std::vector<const QueuedMessage*> ReadyMessages::in_order() const {
    std::vector<const QueuedMessage*> all;
    for (const auto& message : returned_) all.push_back(&message);
    for (const auto& [priority, level] : by_priority_) {
        for (const auto& message : level) all.push_back(&message);
    }
    return all;
}

QueuedMessage ReadyMessages::pop() {
    assert(!empty());
    QueuedMessage message;
    if (returned_.empty()) {
        message = take_from_level();
    } else {
        message = std::move(returned_.front());
        returned_.pop_front();
    }
    discount(message);
    return message;
}

std::optional<QueuedMessage> ReadyMessages::take_chosen(
    std::size_t& passed_over, const std::function<Choice(const QueuedMessage&)>& choose
) {
    std::size_t before = 0;  // in the levels above
    const auto from = [&](std::deque<QueuedMessage>& level) -> std::optional<QueuedMessage> {
        for (; passed_over < before + level.size(); ++passed_over) {
            const auto at = level.begin() + static_cast<std::ptrdiff_t>(passed_over - before);
            const auto choice = choose(*at);
            if (choice == Choice::stop) break;
            if (choice == Choice::pass_over) continue;
            auto message = std::move(*at);
            level.erase(at);
            discount(message);
            return message;
        }
        before += level.size();
        return std::nullopt;
    };
    if (auto message = from(returned_)) return message;
    for (auto level = by_priority_.begin(); level != by_priority_.end(); ++level) {
        if (passed_over < before) break;  // stopped
        auto message = from(level->second);
        if (!message) continue;
        if (level->second.empty() && by_priority_.size() > 1) by_priority_.erase(level);
        return message;
    }
    return std::nullopt;
}

QueuedMessage ReadyMessages::take_from_level() {
    const auto level = by_priority_.find(level_to_serve()->first);
    auto message = std::move(level->second.front());
    level->second.pop_front();
    if (level->second.empty() && by_priority_.size() > 1) by_priority_.erase(level);  // a lone level keeps its memory
    served_ = served_ == 2 ? 0 : served_ + 1;
    return message;
}

}  // namespace simbroker::model
