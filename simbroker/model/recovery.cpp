// What outlives the broker's stop: durable entities, and the persistent messages of durable queues whose writes are
// safe on the disk. RabbitMQ 3.10.8, 4.0.5 and 4.3.6, stopped in order and killed, show what is flagged as redelivered
// after it; and 4.3.6 keeps transient exchanges.
#include <algorithm>

#include "simbroker/extension/quorum_queue.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

namespace {

bool outlives_a_stop(const Queue& queue) { return queue.attributes().durable; }

// The other types of queues put every message on the disk.
bool is_for_the_disk(const Queue& queue, const Message& message) {
    return outlives_a_stop(queue) && (message.persistent || queue.attributes().type != QueueType::classic);
}

}  // namespace

void VirtualHost::store(const Queue& queue, QueuedMessage& message) {
    if (is_for_the_disk(queue, *message.message)) message.stored = context_.write_to_disk();
}

// That a message is gone has to be written, too: a crash before brings it back.
void VirtualHost::remove(Queue& queue, const QueuedMessage& message) {
    release(message);
    if (!queue.refusals.empty()) queue.refusals.erase(message.position);
    if (message.stored == 0) return;
    const auto write = context_.write_to_disk();
    if (!context_.disk.is_safe(write)) removals_.push_back({write, queue.id(), message});
}

void VirtualHost::disk_synced() {
    while (!removals_.empty() && context_.disk.is_safe(removals_.front().write)) removals_.pop_front();
}

void VirtualHost::give_back(QueueId id, QueuedMessage message) {
    auto* queue = find_queue(id);
    if (!queue || message.kept_by_stream) return release(message);
    message.redelivered = true;
    extension::take_back(*queue, message, extension::Return::lost, context_.profile());
    queue->ready.restore(std::move(message));
}

void VirtualHost::stop(Stop how) {
    to_dispatch_.clear();
    to_republish_.clear();
    with_dead_letters_.clear();
    delayed_.pause(context_);
    for (auto& [id, work] : at_work_) {
        context_.timers.cancel(work.timer);
        work.busy_until = context_.now;
    }
    for (auto& [name, exchange] : exchanges_) exchange.router().forget_history();
    if (how == Stop::crash) undo_unsafe_removals();
    removals_.clear();
    drop_what_is_transient();
    for (auto& [name, queue] : queues_) {
        if (queue->stream) {
            for (const auto* reader : queue->subscribers.in_order_of_arrival()) queue->stream->detach(*reader);
        }
        queue->subscribers.clear();
        queue->exclusive_subscriber = nullptr;
        queue->unacknowledged = 0;
        queue->dispatch_pending = false;
        context_.timers.cancel(queue->unused_timer);
        context_.timers.cancel(queue->head_timer);
        context_.timers.cancel(queue->dead_letter_timer);
        context_.timers.cancel(queue->retry_timer);
        keep_what_is_safe(*queue, how);
    }
}

void VirtualHost::undo_unsafe_removals() {
    for (auto& removal : removals_) {
        auto* queue = find_queue(removal.queue);
        if (!queue || !context_.disk.is_safe(removal.message.stored)) continue;
        context_.memory.take_message(removal.message.message->memory());
        queue->ready.restore(std::move(removal.message));
    }
}

void VirtualHost::drop_what_is_transient() {
    std::vector<Queue*> transient_queues;
    for (const auto& [name, queue] : queues_) {
        if (!outlives_a_stop(*queue)) transient_queues.push_back(queue.get());
    }
    for (auto* queue : transient_queues) {
        queue->subscribers.clear();  // nobody is left to be told
        delete_queue(*queue, "transient");
    }
    if (context_.profile().exchange_types.transient == profile::TransientExchanges::kept) return;
    std::vector<std::string> transient_exchanges;
    for (const auto& [name, exchange] : exchanges_) {
        if (!exchange.attributes().durable) transient_exchanges.push_back(name);
    }
    for (const auto& name : transient_exchanges) delete_exchange(name);
}

// After a crash a classic queue of RabbitMQ cannot tell what had been delivered, and flags everything.
void VirtualHost::keep_what_is_safe(Queue& queue, Stop how) {
    const auto is_safe = [&](const QueuedMessage& message) {
        return message.stored != 0 && (how == Stop::orderly || context_.disk.is_safe(message.stored));
    };
    std::erase_if(queue.delayed, [&](const auto& entry) {
        if (is_safe(entry.second)) return false;
        context_.message_event(Event::Kind::message_dropped, queue.name(), "lost");
        release(entry.second);
        return true;
    });
    std::vector<QueuedMessage> kept;
    while (!queue.ready.empty()) {
        auto message = queue.ready.pop();
        if (is_safe(message)) {
            if (how == Stop::crash && queue.attributes().type == QueueType::classic) message.redelivered = true;
            kept.push_back(std::move(message));
        } else {
            context_.message_event(Event::Kind::message_dropped, queue.name(), "lost");
            release(message);
        }
    }
    for (auto& message : kept) queue.ready.restore(std::move(message));
}

void VirtualHost::start() {
    delayed_.resume(context_);
    for (auto& [name, queue] : queues_) {
        renew(*queue);
        expire(*queue);
        watch_delays(*queue);
        if (!queue->dead_letters.empty()) deliver_dead_letters(*queue);
    }
}

}  // namespace simbroker::model
