// Queues that take their time: slow ones, and those that nobody leads for a while. Such a queue does one thing after
// the other. What is published to it is confirmed when it has come to it, and consumers get nothing before it is free.
// basic.get and declarations are answered at once.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

void VirtualHost::slow_down(Queue& queue, Duration each) {
    const auto found = at_work_.find(queue.id());
    if (found != at_work_.end()) {
        found->second.each = each;
    } else if (each > Duration::zero()) {
        at_work_[queue.id()].each = each;
    }
}

// As in RabbitMQ consumers stay with the queue, and what they hold stays theirs: all of it is in the log of its
// members.
void VirtualHost::move_leader(Queue& queue, Duration election) {
    auto& work = at_work_[queue.id()];
    work.busy_until = std::max(work.busy_until, context_.now + election);
    context_.timers.set(work.timer, work.busy_until, QueueTimer{queue.id(), QueueTimer::Kind::works});
    context_.event(Event::Kind::leader_moved, queue.name(), in_seconds(election));
}

Instant VirtualHost::taken_at(QueueId queue) const {
    const auto found = at_work_.find(queue);
    return found == at_work_.end() ? context_.now : std::max(found->second.busy_until, context_.now);
}

void VirtualHost::work(const Queue& queue) {
    const auto found = at_work_.find(queue.id());
    if (found == at_work_.end() || found->second.each == Duration::zero()) return;
    auto& work = found->second;
    work.busy_until = std::max(work.busy_until, context_.now) + work.each;
    context_.timers.set(work.timer, work.busy_until, QueueTimer{queue.id(), QueueTimer::Kind::works});
}

// RabbitMQ's queues compare what expires with the calendar; timers of connections go by a clock that never jumps.
void VirtualHost::jump(Duration by) {
    for (auto& [name, queue] : queues_) {
        queue->ready.move_expiry(-by);
        expire(*queue);
    }
}

}  // namespace simbroker::model
