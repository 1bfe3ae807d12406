#include "simbroker/model/virtual_host.hpp"

#include <algorithm>

#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::model {

using extension::DeadLetter;
using extension::DeathReason;

VirtualHost::VirtualHost(Context& context, std::string name) : context_(context), name_(std::move(name)) {
    pre_declare(ExchangeType::direct, "");
    pre_declare(ExchangeType::direct, "amq.direct");
    pre_declare(ExchangeType::fanout, "amq.fanout");
    pre_declare(ExchangeType::headers, "amq.headers");
    pre_declare(ExchangeType::headers, "amq.match");
    pre_declare(ExchangeType::topic, "amq.topic");
    pre_declare(ExchangeType::topic, "amq.rabbitmq.trace", true);
}

void VirtualHost::pre_declare(ExchangeType type, const std::string& name, bool internal) {
    ExchangeAttributes attributes{.type = type, .durable = true, .internal = internal, .arguments = {}};
    exchanges_.try_emplace(name, name, std::move(attributes), context_);
}

Exchange* VirtualHost::find_exchange(std::string_view name) {
    const auto found = exchanges_.find(name);
    return found == exchanges_.end() ? nullptr : &found->second;
}

Exchange& VirtualHost::declare_exchange(const std::string& name, ExchangeAttributes attributes) {
    context_.event(Event::Kind::exchange_declared, name, std::string(extension::to_string(attributes.type)));
    const auto [created, fresh] = exchanges_.try_emplace(name, name, std::move(attributes), context_);
    find_alternate(created->second);
    return created->second;
}

void VirtualHost::delete_exchange(const std::string& name) {
    if (exchanges_.erase(name) == 0) return;
    context_.event(Event::Kind::exchange_deleted, name);
    remove_bindings_to({Destination::Kind::exchange, name});
}

History VirtualHost::bind(Exchange& source, const Binding& binding) {
    if (!source.bind(binding)) return History::passed_on;
    context_.event(Event::Kind::queue_bound, source.name(), binding.destination.name);
    return pass_on_history(source, binding.destination);
}

bool VirtualHost::unbind(Exchange& source, const Binding& binding) {
    if (!source.unbind(binding)) return false;
    context_.event(Event::Kind::queue_unbound, source.name(), binding.destination.name);
    delete_if_unbound(source.name());
    return true;
}

// An auto-delete exchange goes with its last binding as a source.
void VirtualHost::delete_if_unbound(const std::string& exchange) {
    const auto* found = find_exchange(exchange);
    if (found && found->attributes().auto_delete && !found->has_bindings()) delete_exchange(std::string(exchange));
}

void VirtualHost::remove_bindings_to(const Destination& destination) {
    std::vector<std::string> touched;
    for (auto& [name, exchange] : exchanges_) {
        if (exchange.unbind_all(destination) > 0) touched.push_back(name);
    }
    for (const auto& name : touched) delete_if_unbound(name);
}

Queue* VirtualHost::find_queue(std::string_view name) {
    const auto found = queues_.find(name);
    return found == queues_.end() ? nullptr : found->second.get();
}

Queue* VirtualHost::find_queue(QueueId id) {
    const auto found = queues_by_id_.find(id);
    return found == queues_by_id_.end() ? nullptr : found->second;
}

const Queue* VirtualHost::find_queue(QueueId id) const {
    const auto found = queues_by_id_.find(id);
    return found == queues_by_id_.end() ? nullptr : found->second;
}

Queue& VirtualHost::declare_queue(const std::string& name, QueueAttributes attributes) {
    const QueueId id{context_.next_queue_id++};
    auto& queue = *(queues_[name] = std::make_unique<Queue>(id, name, std::move(attributes)));
    queues_by_id_[id] = &queue;
    queue.charge = Charge(context_.memory, price_of(name, queue.attributes()));
    if (!user_policies_.empty() || !operator_policies_.empty()) queue.adopt(settings_of(queue));
    extension::row_of(queue).set_up(queue, context_.profile());
    context_.event(Event::Kind::queue_declared, name);
    renew(queue);
    return queue;
}

std::size_t VirtualHost::delete_queue(Queue& queue, std::string_view why) {
    const auto ready = queue.ready.count();
    while (!queue.ready.empty()) release(queue.ready.pop());
    for (const auto& [at, message] : queue.delayed) release(message);
    if (queue.stream) release_stream(queue);
    for (const auto& dead : queue.dead_letters) context_.memory.give_message_back(dead.message->memory());
    context_.timers.cancel(queue.dead_letter_timer);
    context_.timers.cancel(queue.retry_timer);
    const auto name = queue.name();
    context_.timers.cancel(queue.unused_timer);
    context_.timers.cancel(queue.head_timer);
    if (auto at_work = at_work_.extract(queue.id())) context_.timers.cancel(at_work.mapped().timer);
    queues_by_id_.erase(queue.id());
    const auto owned = std::move(queues_.extract(name).mapped());
    // A channel of RabbitMQ's keeps the tags of a queue's consumers sorted, and tells of their end in that order.
    auto consumers = owned->subscribers.in_order_of_arrival();
    std::ranges::stable_sort(consumers, {}, &Subscriber::tag);
    for (auto* consumer : consumers) consumer->queue_deleted(*owned);
    context_.event(Event::Kind::queue_deleted, name, std::string(why));
    remove_bindings_to({Destination::Kind::queue, name});
    return ready;
}

std::size_t VirtualHost::purge(Queue& queue) {
    const auto ready = queue.ready.count();
    while (!queue.ready.empty()) {
        context_.message_event(Event::Kind::message_dropped, queue.name(), "purged");
        remove(queue, queue.ready.pop());
    }
    watch_head(queue);
    return ready;
}

void VirtualHost::delete_exclusive_queues(ConnectionId owner) {
    std::vector<Queue*> owned;
    for (const auto& [name, queue] : queues_) {
        if (queue->attributes().exclusive_owner == owner) owned.push_back(queue.get());
    }
    for (auto* queue : owned) delete_queue(*queue, "exclusive");
}

void VirtualHost::delete_all_queues() {
    delayed_.clear(context_);
    while (!queues_.empty()) delete_queue(*queues_.begin()->second, "deleted");
}

void VirtualHost::renew(Queue& queue) {
    if (!queue.settings().expires) return;
    if (queue.subscribers.empty()) {
        const auto at = context_.now + *queue.settings().expires;
        context_.timers.set(queue.unused_timer, at, QueueTimer{queue.id(), QueueTimer::Kind::unused});
    } else {
        context_.timers.cancel(queue.unused_timer);
    }
}

void VirtualHost::subscribe(Queue& queue, Subscriber& subscriber, Exclusivity exclusivity) {
    queue.subscribers.add(subscriber);
    if (exclusivity == Exclusivity::exclusive) queue.exclusive_subscriber = &subscriber;
    renew(queue);
    schedule_dispatch(queue);
}

void VirtualHost::unsubscribe(Queue& queue, Subscriber& subscriber) {
    queue.subscribers.remove(subscriber);
    if (queue.stream) queue.stream->detach(subscriber);
    if (queue.exclusive_subscriber == &subscriber) queue.exclusive_subscriber = nullptr;
    if (queue.subscribers.empty() && queue.attributes().auto_delete) {
        delete_queue(queue, "auto-delete");
        return;
    }
    renew(queue);
    schedule_dispatch(queue);  // a single active consumer has a successor
}

void VirtualHost::credit_returned(Queue& queue, Subscriber& subscriber) {
    queue.subscribers.credit_returned(subscriber);
    schedule_dispatch(queue);
}

void VirtualHost::on_timer(const QueueTimer& timer) {
    auto* queue = find_queue(timer.queue);
    if (!queue) return;
    switch (timer.kind) {
        case QueueTimer::Kind::unused: delete_queue(*queue, "expired"); break;
        case QueueTimer::Kind::head_expires: expire(*queue); break;
        case QueueTimer::Kind::dead_letters: deliver_dead_letters(*queue); break;
        case QueueTimer::Kind::delayed_retry: end_delays(*queue); break;
        case QueueTimer::Kind::works: schedule_dispatch(*queue); break;
    }
}

std::optional<Deadline> VirtualHost::name_deadline(const QueueTimer& timer) const {
    const auto* queue = find_queue(timer.queue);
    if (!queue) return std::nullopt;
    Deadline named{.vhost = name_, .subject = queue->name()};
    switch (timer.kind) {
        case QueueTimer::Kind::unused: named.kind = Deadline::Kind::queue_expiry; break;
        case QueueTimer::Kind::head_expires: named.kind = Deadline::Kind::message_expiry; break;
        case QueueTimer::Kind::dead_letters: named.kind = Deadline::Kind::dead_letter_retry; break;
        case QueueTimer::Kind::delayed_retry: break;
        case QueueTimer::Kind::works: named.kind = Deadline::Kind::queue_work; break;
    }
    return named;
}

std::optional<Deadline> VirtualHost::name_deadline(const DelayTimer& timer) const {
    const auto* waiting = delayed_.find(timer.id);
    if (!waiting) return std::nullopt;
    return Deadline{.kind = Deadline::Kind::delayed_message, .vhost = name_, .subject = waiting->exchange};
}

void VirtualHost::schedule_dispatch(Queue& queue) {
    if (queue.dispatch_pending) return;
    queue.dispatch_pending = true;
    to_dispatch_.push_back(queue.id());
}

// Bounded: a dispatch takes messages out of ready, and a message dies again only by a consumer's doing or
// in a queue it has not died in yet (in_automatic_cycle).
void VirtualHost::settle() {
    while (!to_dispatch_.empty() || !to_republish_.empty() || !with_dead_letters_.empty()) {
        if (!to_dispatch_.empty()) {
            const auto id = to_dispatch_.front();
            to_dispatch_.pop_front();
            if (auto* queue = find_queue(id)) dispatch(*queue);
        } else if (!with_dead_letters_.empty()) {
            const auto id = with_dead_letters_.front();
            with_dead_letters_.pop_front();
            if (auto* queue = find_queue(id)) deliver_dead_letters(*queue);
        } else {
            const auto dead = std::move(to_republish_.front());
            to_republish_.pop_front();
            republish(dead);
        }
    }
}

void VirtualHost::dispatch(Queue& queue) {
    queue.dispatch_pending = false;
    if (is_busy(queue)) return;  // it looks again when it is free
    if (queue.stream) return dispatch_stream(queue);
    if (profile::consumers_choose(context_.profile().deviations)) return dispatch_by_choice(queue);
    for (drop_expired(queue); !queue.ready.empty() && !is_busy(queue); drop_expired(queue)) {
        auto* subscriber = queue.subscribers.next();
        if (!subscriber) break;
        ++queue.unacknowledged;
        subscriber->deliver(queue, queue.ready.pop());
        work(queue);
    }
    watch_head(queue);
}

// One pass from the front: a message that nobody may get does not hold up those behind it.
void VirtualHost::dispatch_by_choice(Queue& queue) {
    using Choice = ReadyMessages::Choice;
    drop_expired(queue);
    std::size_t passed_over = 0;
    Subscriber* taker = nullptr;
    const auto choose = [&](const QueuedMessage& message) {
        if (!queue.subscribers.anybody_waits() || is_busy(queue)) return Choice::stop;
        if (message.expires_at && *message.expires_at <= context_.now) return Choice::pass_over;
        taker = queue.subscribers.next_for(queue, message);
        return taker ? Choice::take : Choice::pass_over;
    };
    while (auto message = queue.ready.take_chosen(passed_over, choose)) {
        ++queue.unacknowledged;
        taker->deliver(queue, std::move(*message));
        work(queue);
    }
    expire(queue);
}

}  // namespace simbroker::model
