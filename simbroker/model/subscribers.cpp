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
}

void Subscribers::credit_returned(Subscriber& subscriber) {
    if (std::erase(parked_, &subscriber) > 0) append(subscriber);
}

Subscriber* Subscribers::next() {
    if (only_eldest_) {
        if (all_.empty() || !all_.front()->has_credit()) return nullptr;
        return all_.front();
    }
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

}  // namespace simbroker::model
