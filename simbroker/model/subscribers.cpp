#include "simbroker/model/subscribers.hpp"

#include <algorithm>

namespace simbroker::model {

void Subscribers::append(Subscriber& subscriber) {
    const auto lower = std::ranges::find_if(turns_, [&](const Subscriber* other) {
        return other->priority() < subscriber.priority();
    });
    turns_.insert(lower, &subscriber);
}

void Subscribers::add(Subscriber& subscriber) {
    all_.push_back(&subscriber);
    append(subscriber);
}

void Subscribers::remove(Subscriber& subscriber) {
    std::erase(all_, &subscriber);
    std::erase(turns_, &subscriber);
    std::erase(parked_, &subscriber);
    if (active_ == &subscriber) active_ = nullptr;
}

void Subscribers::clear() {
    all_.clear();
    turns_.clear();
    parked_.clear();
}

void Subscribers::credit_returned(Subscriber& subscriber) {
    if (std::erase(parked_, &subscriber) > 0) append(subscriber);
}

Subscriber* Subscribers::only_the_eldest() const {
    return all_.empty() || !all_.front()->has_credit() ? nullptr : all_.front();
}

Subscriber* Subscribers::only_the_highest() {
    if (all_.empty()) return nullptr;
    auto* highest = *std::ranges::max_element(all_, {}, &Subscriber::priority);
    if (!active_) active_ = highest;
    if (highest->priority() > active_->priority()) {
        if (active_->holds_messages()) return nullptr;
        active_ = highest;
    }
    return active_->has_credit() ? active_ : nullptr;
}

Subscriber* Subscribers::next() {
    if (served_ == Served::only_the_eldest) return only_the_eldest();
    if (served_ == Served::only_the_highest) return only_the_highest();
    while (!turns_.empty()) {
        auto* first = turns_.front();
        if (first->has_credit()) {
            if (turns_.size() > 1) {
                turns_.pop_front();
                append(*first);
            }
            return first;
        }
        turns_.pop_front();
        parked_.push_back(first);
    }
    return nullptr;
}

Subscriber* Subscribers::next_for(const Queue& queue, const QueuedMessage& message) {
    if (served_ != Served::all) {
        auto* only = next();
        return only && only->has_credit_for(message) && only->may_get(queue, message) ? only : nullptr;
    }
    for (auto turn = turns_.begin(); turn != turns_.end();) {
        auto* candidate = *turn;
        if (!candidate->has_credit_for(message)) {
            turn = turns_.erase(turn);
            parked_.push_back(candidate);
        } else if (!candidate->may_get(queue, message)) {
            ++turn;
        } else {
            turns_.erase(turn);
            append(*candidate);
            return candidate;
        }
    }
    return nullptr;
}

}  // namespace simbroker::model
