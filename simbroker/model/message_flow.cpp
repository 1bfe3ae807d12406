// The way of a message: through exchanges into queues, and out of them. The rest of VirtualHost is in virtual_host.cpp.
#include <algorithm>
#include <ranges>
#include <set>

#include "simbroker/extension/delayed_retry.hpp"
#include "simbroker/extension/max_length.hpp"
#include "simbroker/extension/message_ttl.hpp"
#include "simbroker/extension/priority.hpp"
#include "simbroker/model/virtual_host.hpp"

namespace simbroker::model {

using extension::DeadLetter;
using extension::DeathReason;

namespace {

std::vector<std::string> all_keys(const Message& message) {
    auto keys = message.routing_keys;
    keys.insert(keys.end(), message.hidden_keys.begin(), message.hidden_keys.end());
    return keys;
}

}  // namespace

// Breadth first from the exchange the message was published to. Every exchange is passed once, every queue reached
// once, however many routes lead there; what an exchange cannot route goes to its alternate.
std::vector<Queue*> VirtualHost::route(const MessagePtr& message) {
    std::vector<Queue*> reached;
    if (message->exchange.empty()) {
        for (const auto& key : all_keys(*message)) {
            auto* queue = find_queue(key);
            if (queue && std::ranges::find(reached, queue) == reached.end()) reached.push_back(queue);
        }
        auto& nameless =
            exchanges_.begin()->second;  // beside what is bound to it by name, where a profile lets it be bound
        if (nameless.has_bindings()) follow(nameless, message, reached);
        return reached;
    }
    if (auto* exchange = find_exchange(message->exchange)) follow(*exchange, message, reached);
    return reached;
}

void VirtualHost::follow(Exchange& first, const MessagePtr& message, std::vector<Queue*>& reached) {
    const auto keys = all_keys(*message);
    std::vector<Exchange*> path{&first};
    const auto visit = [&](std::string_view name) {
        auto* exchange = find_exchange(name);
        if (exchange && std::ranges::find(path, exchange) == path.end()) path.push_back(exchange);
    };
    std::set<const Queue*> seen(reached.begin(), reached.end());
    std::vector<const Destination*> destinations;
    for (std::size_t i = 0; i < path.size(); ++i) {
        destinations.clear();
        if (const auto delay = extension::delay_of(path[i]->attributes(), *message)) {
            delayed_.add(context_, path[i]->name(), message, *delay);
        } else {
            path[i]->router().route({message, keys}, destinations);
        }
        if (destinations.empty()) {
            if (path[i]->alternate) visit(*path[i]->alternate);
        }
        for (const auto* destination : destinations) {
            if (destination->kind == Destination::Kind::exchange) {
                visit(destination->name);
            } else if (auto* queue = find_queue(destination->name); queue && seen.insert(queue).second) {
                reached.push_back(queue);
            }
        }
    }
}

// A message whose delay is over goes on from the exchange that held it, if that is still there.
void VirtualHost::on_timer(const DelayTimer& timer) {
    const auto delayed = delayed_.take(context_, timer.id);
    if (!delayed) return;
    auto* exchange = find_exchange(delayed->exchange);
    if (!exchange) return;
    const auto message = extension::delayed_form(delayed->message, context_.profile());
    std::vector<Queue*> reached;
    follow(*exchange, message, reached);
    for (auto* queue : reached) enqueue(*queue, message);
}

// To a queue the eldest first; through an exchange, as RabbitMQ has it, the latest first, until one cannot be routed.
History VirtualHost::pass_on_history(Exchange& source, const Destination& destination) {
    const auto history = source.router().history();
    if (destination.kind == Destination::Kind::queue) {
        auto* queue = find_queue(destination.name);
        for (const auto& message : history) {
            if (queue) enqueue(*queue, message);
        }
        return History::passed_on;
    }
    auto* next = find_exchange(destination.name);
    for (const auto& message : history | std::views::reverse) {
        std::vector<Queue*> reached;
        if (next) follow(*next, message, reached);
        if (reached.empty()) return History::unroutable;
        for (auto* queue : reached) enqueue(*queue, message);
    }
    return History::passed_on;
}

// Who gets a message that has just arrived. Those before it in the queue are such as nobody with credit may get.
Subscriber* VirtualHost::taker_of(Queue& queue, const QueuedMessage& message) {
    if (is_busy(queue)) return nullptr;
    if (!profile::consumers_choose(context_.profile().deviations)) {
        return queue.ready.empty() ? queue.subscribers.next() : nullptr;
    }
    const bool has_to_queue = queue.dispatch_pending && !queue.ready.empty();
    return has_to_queue ? nullptr : queue.subscribers.next_for(queue, message);
}

// A message that can go straight to a consumer never counts as queued: length limits and a time to live of 0 spare it.
Enqueued VirtualHost::enqueue(Queue& queue, MessagePtr message, Redelivery redelivery, Urgency urgency) {
    // Publishers were asked before: this is about dead letters, which multiply.
    if (!context_.memory.has_room_for(message->memory())) {
        context_.message_event(Event::Kind::message_dropped, queue.name(), "memory");
        return Enqueued::refused;
    }
    if (queue.stream) {
        append_to_stream(queue, std::move(message));
        return Enqueued::accepted;
    }
    QueuedMessage queued;
    queued.message = std::move(message);
    queued.redelivered = redelivery == Redelivery::flagged;
    queued.delivery_failed = queued.redelivered;
    const auto& settings = queue.settings();
    if (extension::would_overflow(queue, *queued.message, context_.profile())) {
        if (settings.overflow == Overflow::reject_publish_dlx) {
            context_.memory.take_message(queued.message->memory());
            discard(queue, std::move(queued), DeathReason::maxlen);
        }
        return Enqueued::refused;
    }
    queued.position = queue.next_position();
    queued.priority = extension::effective_priority(queue, *queued.message, context_.profile());
    queued.expires_at = extension::expires_at(settings, *queued.message, context_.now);
    auto* taker = taker_of(queue, queued);
    if (!taker && urgency == Urgency::immediate) return Enqueued::nobody_waits;
    context_.memory.take_message(queued.message->memory());
    context_.message_event(Event::Kind::message_routed, queue.name());
    store(queue, queued);
    work(queue);
    if (taker) {
        ++queue.unacknowledged;
        taker->deliver(queue, std::move(queued));
        return Enqueued::accepted;
    }
    queue.ready.push(std::move(queued));
    const auto length = queue.ready.count();
    drop_overflow(queue);
    // A queue with priorities does not notice that the message became its head, and has waited too long already, unless
    // it is the only one (observed on all versions: 4.3.6, 4.0.5, 3.10.8).
    const bool notices = !settings.max_priority || length == 1 || queue.ready.count() < length;
    if (notices) expire(queue);
    return Enqueued::accepted;
}

void VirtualHost::drop_overflow(Queue& queue) {
    while (extension::over_limit(queue, context_.profile())) discard(queue, queue.ready.pop(), DeathReason::maxlen);
}

void VirtualHost::expire(Queue& queue) {
    drop_expired(queue);
    watch_head(queue);
}

void VirtualHost::drop_expired(Queue& queue) {
    while (const auto* head = queue.ready.front()) {
        if (!head->expires_at || *head->expires_at > context_.now) break;
        discard(queue, queue.ready.pop(), DeathReason::expired);
    }
}

// Only the head of a queue expires; what stands behind it waits.
void VirtualHost::watch_head(Queue& queue) {
    extension::note_length(queue, context_.profile());
    const auto* head = queue.ready.front();
    if (head && head->expires_at) {
        const QueueTimer target{queue.id(), QueueTimer::Kind::head_expires};
        context_.timers.set(queue.head_timer, *head->expires_at, target);
    } else {
        context_.timers.cancel(queue.head_timer);
    }
}

void VirtualHost::discard(Queue& queue, QueuedMessage message, DeathReason reason) {
    remove(queue, message);
    const auto& settings = queue.settings();
    if (!settings.dead_letter_exchange) {
        context_.message_event(Event::Kind::message_dropped, queue.name(), extension::to_string(reason));
        return;
    }
    context_.message_event(Event::Kind::message_dead_lettered, queue.name(), extension::to_string(reason));
    const bool tells = context_.profile().rejected_redelivered == profile::RejectedRedelivered::set;
    extension::DeadLetter dead{
        .message = std::move(message.message),
        .reason = reason,
        .queue = queue.name(),
        .exchange = *settings.dead_letter_exchange,
        .routing_key = settings.dead_letter_routing_key,
        .redelivered = message.delivery_failed && tells,
        .read_from_disk = settings.lazy,
    };
    if (extension::lets_no_dead_letter_get_lost(queue)) return hold(queue, dead);
    to_republish_.push_back(std::move(dead));
}

// A dead-letter exchange that does not exist swallows the message.
void VirtualHost::republish(const DeadLetter& dead) {
    const auto message = extension::republished(dead, context_);
    for (auto* queue : route(message)) {
        if (extension::in_automatic_cycle(*message, dead, queue->name())) continue;
        enqueue(*queue, message, dead.redelivered ? Redelivery::flagged : Redelivery::none);
    }
}

std::optional<QueuedMessage> VirtualHost::get(Queue& queue) {
    renew(queue);
    if (queue.ready.empty()) return std::nullopt;
    auto message = queue.ready.pop();
    ++queue.unacknowledged;
    expire(queue);  // what comes to the head now may have waited too long
    return message;
}

void VirtualHost::acknowledge(QueueId id, const QueuedMessage& message) {
    auto* queue = find_queue(id);
    if (!queue) return release(message);
    remove(*queue, message);
    --queue->unacknowledged;
}

void VirtualHost::requeue(QueueId id, QueuedMessage message, extension::Return how) {
    auto* queue = find_queue(id);
    if (!queue) return release(message);
    --queue->unacknowledged;
    if (queue->stream) return;
    const bool asked_for = how == extension::Return::nack || how == extension::Return::recover;
    message.delivery_failed |= !asked_for;
    const auto place = extension::take_back(*queue, message, how, context_.profile());
    const auto delay = extension::retry_delay(*queue, message, how, context_.profile());
    if (delay && place != extension::ReturnPlace::dead) {
        context_.message_event(Event::Kind::message_requeued, queue->name());
        queue->delayed.emplace(context_.now + *delay, std::move(message));
        watch_delays(*queue);
        return;
    }
    put_back(*queue, std::move(message), place);
    drop_overflow(*queue);
    expire(*queue);
    schedule_dispatch(*queue);
}

void VirtualHost::end_delays(Queue& queue) {
    const auto end = queue.delayed.upper_bound(context_.now);
    for (auto at = queue.delayed.begin(); at != end; at = queue.delayed.erase(at)) {
        queue.ready.push_front(std::move(at->second));
    }
    watch_delays(queue);
    drop_overflow(queue);
    expire(queue);
    schedule_dispatch(queue);
}

void VirtualHost::watch_delays(Queue& queue) {
    if (queue.delayed.empty()) return context_.timers.cancel(queue.retry_timer);
    const QueueTimer target{queue.id(), QueueTimer::Kind::delayed_retry};
    context_.timers.set(queue.retry_timer, queue.delayed.begin()->first, target);
}

// A queue of RabbitMQ's own types goes by their rules for what is returned.
void VirtualHost::keep_from(const Refuser& refuser, QueueId id, const QueuedMessage& message) {
    auto* queue = find_queue(id);
    if (queue && queue->attributes().type == QueueType::classic) queue->refusals[message.position].insert(refuser);
}

void VirtualHost::put_back(Queue& queue, QueuedMessage message, extension::ReturnPlace place) {
    using Place = extension::ReturnPlace;
    if (place != Place::dead) context_.message_event(Event::Kind::message_requeued, queue.name());
    switch (place) {
        case Place::its_own: return queue.ready.restore(std::move(message));
        case Place::front: return queue.ready.push_front(std::move(message));
        case Place::tail: message.position = queue.next_position(); return queue.ready.push(std::move(message));
        case Place::dead: break;
    }
    message.delivery_failed = true;
    discard(queue, std::move(message), DeathReason::delivery_limit);
}

void VirtualHost::reject(QueueId id, QueuedMessage message, extension::Rejection rejection) {
    auto* queue = find_queue(id);
    if (!queue) return release(message);
    --queue->unacknowledged;
    if (queue->stream) return;
    message.delivery_failed |= rejection == extension::Rejection::reject;
    discard(*queue, std::move(message), DeathReason::rejected);
}

}  // namespace simbroker::model
