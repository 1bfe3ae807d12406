// The consumers of one queue and the order in which they are served: higher priority first, round robin within a
// priority. A consumer out of credit is parked and, once it has credit again, joins the end of its priority.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "simbroker/model/message.hpp"

namespace simbroker::model {

class Queue;

// What a queue knows of a consumer. Front-ends implement it; they take themselves off the queue before they go.
class Subscriber {
public:
    virtual ~Subscriber() = default;

    virtual std::string_view tag() const = 0;  // its name on its channel
    virtual std::int64_t priority() const = 0;
    virtual bool has_credit() const = 0;
    virtual bool holds_messages() const = 0;  // that it has not settled

    // Where consumers choose (profile::consumers_choose): there may be room for a small message only, and some messages
    // a consumer must never get.
    virtual bool has_credit_for(const QueuedMessage&) const { return has_credit(); }
    virtual bool may_get(const Queue&, const QueuedMessage&) const { return true; }

    virtual void deliver(Queue& queue, QueuedMessage message) = 0;
    virtual void queue_deleted(Queue& queue) = 0;  // the subscription is already gone
};

class Subscribers {
public:
    void add(Subscriber& subscriber);
    void remove(Subscriber& subscriber);
    void clear();
    void credit_returned(Subscriber& subscriber);  // it was parked, maybe, and can take more

    // Whose turn it is, or nullptr. The one returned goes to the end of its priority.
    Subscriber* next();

    // The same for one message: whoever must not get it keeps its turn.
    Subscriber* next_for(const Queue& queue, const QueuedMessage& message);
    bool anybody_waits() const { return !turns_.empty(); }

    std::size_t count() const { return all_.size(); }
    bool empty() const { return all_.empty(); }
    const std::vector<Subscriber*>& in_order_of_arrival() const { return all_; }

    // x-single-active-consumer: one gets everything. Either the eldest, whatever the priorities, or the eldest of the
    // highest priority, once its predecessor has settled what it holds.
    enum class Served : std::uint8_t { all, only_the_eldest, only_the_highest };
    void serve(Served served) { served_ = served; }

private:
    Subscriber* only_the_eldest() const;
    Subscriber* only_the_highest();
    void append(Subscriber& subscriber);

    std::vector<Subscriber*> all_;
    std::deque<Subscriber*> turns_;
    std::vector<Subscriber*> parked_;
    Served served_ = Served::all;
    Subscriber* active_ = nullptr;  // only the highest is served
};

}  // namespace simbroker::model
