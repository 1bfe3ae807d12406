// The consumers of one queue and the order in which they are served: higher priority first, round robin within a
// priority. A consumer out of credit is parked and, once it has credit again, joins the end of its priority.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "simbroker/model/message.hpp"

namespace simbroker::model {

class Queue;

// What a queue knows of a consumer. Front-ends implement it; they take themselves off the queue before they go.
class Subscriber {
public:
    virtual ~Subscriber() = default;

    virtual std::int64_t priority() const = 0;
    virtual bool has_credit() const = 0;
    virtual void deliver(Queue& queue, QueuedMessage message) = 0;
    virtual void queue_deleted(Queue& queue) = 0;  // the subscription is already gone
};

class Subscribers {
public:
    void add(Subscriber& subscriber);
    void remove(Subscriber& subscriber);
    void credit_returned(Subscriber& subscriber);  // it was parked, maybe, and can take more

    // Whose turn it is, or nullptr. The one returned goes to the end of its priority.
    Subscriber* next();

    std::size_t count() const { return all_.size(); }
    bool empty() const { return all_.empty(); }
    const std::vector<Subscriber*>& in_order_of_arrival() const { return all_; }

    // x-single-active-consumer: the eldest gets everything, priorities do not count.
    void serve_only_the_eldest() { only_eldest_ = true; }

private:
    void append(Subscriber& subscriber);

    std::vector<Subscriber*> all_;
    std::deque<Subscriber*> turns_;
    std::vector<Subscriber*> parked_;
    bool only_eldest_ = false;
};

}  // namespace simbroker::model
