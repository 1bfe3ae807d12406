// basic.publish from the whole message to the queues, publisher confirms, and transactions (1.9).
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

namespace methods = codec::amqp091;

// The content comes with on_content_complete; by itself the method does nothing yet.
Outcome Channel::on(const methods::basic::Publish&) { return no_reply(); }

Outcome Channel::publish(Incoming incoming) {
    if (incoming.immediate && deviations().immediate == profile::Immediate::not_implemented) {
        return refuse(ViolationName::immediate_not_implemented, "immediate=true");
    }
    const auto limit = context().profile().message_size_max;
    if (incoming.body_size > limit) {
        const bool by_311 = deviations().oversized_messages == profile::OversizedMessages::content_too_large;
        return refuse(
            by_311 ? ViolationName::content_beyond_limit : ViolationName::message_too_large,
            fmt::format("message size {} is larger than configured max size {}", incoming.body_size, limit)
        );
    }
    const Resource target{Resource::Kind::exchange, incoming.exchange};
    if (auto checked = check(model::Permission::write, target); !checked) {
        return std::unexpected(checked.error());
    }
    const auto* exchange = vhost().find_exchange(incoming.exchange);
    if (!exchange) return std::unexpected(no_such_exchange(incoming.exchange));
    if (exchange->attributes().internal) {
        return refuse(
            ViolationName::internal_exchange_protected,
            fmt::format("cannot publish to internal exchange '{}' in vhost '{}'", exchange->name(), vhost().name())
        );
    }
    auto message = permitted_message(*exchange, incoming);
    if (!message) return std::unexpected(message.error());
    context().message_event(
        Event::Kind::message_published, exchange->name(), (*message)->routing_key(), (*message)->body.size()
    );
    const auto has_room_for = [&](std::size_t copies) {
        return context().memory.has_room_for(copies * (*message)->memory());
    };
    // An exchange on the way may keep a copy.
    if (!has_room_for(1)) return no_memory();
    const auto queues = vhost().route(*message);
    if (!has_room_for(queues.size())) return no_memory();
    Publication publication{
        .message = std::move(*message),
        .queues = {},
        .queue_names = {},
        .mandatory = incoming.mandatory,
        .immediate = incoming.immediate,
    };
    for (const auto* queue : queues) publication.queues.push_back(queue->id());
    if (transaction_) publication.queue_names = names_until_commit(*publication.message, queues);
    if (confirms_.selected()) publication.confirm_number = confirms_.next();
    if (transaction_) {
        publication.charge = model::Charge(
            context().memory, publication.message->memory() * std::max<std::size_t>(publication.queues.size(), 1)
        );
        transaction_->publications.push_back(std::move(publication));
    } else {
        carry_out(publication);
    }
    return no_reply();
}

// A transaction may outlive the queues of its messages. Some versions notice that at tx.commit (check_queues_exist);
// 3.10 keeps nothing but names, which to the default exchange are the routing keys, whatever they name then.
std::vector<std::string> Channel::names_until_commit(
    const model::Message& message, const std::vector<model::Queue*>& queues
) const {
    std::vector<std::string> names;
    for (const auto* queue : queues) names.push_back(queue->name());
    if (!looks_for_queues_at_commit() || !message.exchange.empty()) return names;
    for (const auto* keys : {&message.routing_keys, &message.hidden_keys}) {
        for (const auto& key : *keys) {
            if (std::ranges::find(names, key) == names.end()) names.push_back(key);
        }
    }
    return names;
}

bool Channel::looks_for_queues_at_commit() const {
    return context().profile().commit_to_deleted_queue == profile::CommitToDeletedQueue::unroutable;
}

void Channel::look_for_queues(Publication& publication) const {
    publication.queues.clear();
    for (const auto& name : publication.queue_names) {
        if (const auto* queue = vhost().find_queue(name)) publication.queues.push_back(queue->id());
    }
}

// Every queue takes its copy or refuses it; the publisher hears of one refusal, or that all is well. An immediate
// message goes to consumers that wait for it, and comes back if there are none (1.8.3.7).
Channel::Carried Channel::carry_out(const Publication& publication) {
    using methods::ReplyCode;
    const auto& message = *publication.message;
    const bool unroutable = !reply_directly(message) && publication.queues.empty();
    const bool no_route = unroutable && publication.mandatory;
    if (unroutable) context().message_event(Event::Kind::message_unroutable, message.exchange, message.routing_key());
    if (no_route) send_back(publication, ReplyCode::no_route);
    const auto written_before = context().disk.last();
    const auto urgency = publication.immediate ? model::Urgency::immediate : model::Urgency::patient;
    auto carried = Carried::out;
    bool taken = false;
    for (const auto id : publication.queues) {
        auto* queue = vhost().find_queue(id);
        if (!queue) continue;
        const auto enqueued = vhost().enqueue(*queue, publication.message, model::Redelivery::none, urgency);
        if (enqueued == model::Enqueued::refused) carried = Carried::refused;
        if (enqueued == model::Enqueued::accepted) taken = true;
    }
    if (publication.immediate && !taken && !no_route) send_back(publication, ReplyCode::no_consumers);
    if (publication.confirm_number != 0) confirm(publication, carried, written_before);
    return carried;
}

// Only what has come to its queues and is safe there is confirmed.
void Channel::confirm(const Publication& publication, Carried carried, model::WriteNumber written_before) {
    const auto number = publication.confirm_number;
    const auto written = context().disk.last();
    const auto write = written == written_before ? model::WriteNumber{0} : written;
    const auto taken = taken_at(publication);
    if (carried == Carried::refused) {
        confirms_.refuse(number);
    } else if (taken > context().now) {
        confirms_.acknowledge_when_taken(number, write, taken);
        watch_confirms();
    } else if (context().disk.is_safe(write)) {
        confirms_.acknowledge(number);
    } else {
        confirms_.acknowledge_when_safe(number, write);
    }
}

Instant Channel::taken_at(const Publication& publication) const {
    auto last = context().now;
    for (const auto id : publication.queues) last = std::max(last, vhost().taken_at(id));
    return last;
}

void Channel::watch_confirms() {
    auto next = confirms_.next_taken();
    if (committing_ && committing_->taken_at > context().now) {
        next = next ? std::min(*next, committing_->taken_at) : committing_->taken_at;
    }
    if (next) context().timers.set(taken_timer_, *next, model::TakenTimer{connection_.id(), number_.value});
}

void Channel::on_taken() {
    confirms_.taken(context().now, context().disk);
    commit_if_safe();
    watch_confirms();
}

void Channel::disk_synced() {
    confirms_.disk_synced(context().disk);
    commit_if_safe();
}

void Channel::commit_if_safe() {
    if (!committing_ || !context().disk.is_safe(committing_->write) || committing_->taken_at > context().now) return;
    committing_.reset();
    send(methods::tx::CommitOk{});
}

void Channel::send_back(const Publication& publication, methods::ReplyCode why) {
    const auto& message = *publication.message;
    connection_.send(
        number_,
        methods::basic::Return{
            .reply_code = static_cast<std::uint16_t>(why),
            .reply_text = methods::name_of(why),
            .exchange = message.exchange,
            .routing_key = message.routing_key(),
        }
    );
    append_content(connection_.out(), number_, message.property_octets, message.body, connection_.frame_max());
}

Outcome Channel::on(const methods::tx::Select&) {
    if (confirms_.selected()) {
        return refuse(ViolationName::confirm_and_tx_exclude_each_other, "cannot switch from confirm to tx mode");
    }
    if (!transaction_) transaction_.emplace();
    return methods::tx::SelectOk{};
}

// A queue may have been deleted since the message for it was published.
std::expected<void, Violation> Channel::check_queues_exist(const std::vector<Publication>& publications) const {
    using enum profile::CommitToDeletedQueue;
    const auto answer = context().profile().commit_to_deleted_queue;
    if (answer == unroutable) return {};
    for (const auto& publication : publications) {
        for (std::size_t i = 0; i < publication.queues.size(); ++i) {
            if (vhost().find_queue(publication.queues[i])) continue;
            if (answer == partial_completion) {
                return refuse(ViolationName::partial_tx_completion, "partial tx completion");
            }
            constexpr std::string_view text = "failed to deliver message: ";
            const auto resource = ErlangTerm::tuple({
                ErlangTerm::atom("resource"),
                ErlangTerm::binary(vhost().name()),
                ErlangTerm::atom("queue"),
                ErlangTerm::binary(publication.queue_names[i]),
            });
            const auto why = ErlangTerm::tuple({ErlangTerm::atom("not_found"), resource});
            return refuse(ViolationName::commit_undeliverable, std::string(text) + why.pretty(text.size()));
        }
    }
    return {};
}

// Messages go out first, in order, then settlements take effect (1.9.2.3).
Outcome Channel::on(const methods::tx::Commit&) {
    if (!transaction_) return refuse(ViolationName::channel_not_transactional, "channel is not transactional");
    const auto written_before = context().disk.last();
    auto transaction = std::exchange(*transaction_, {});
    auto carried = Carried::out;
    auto taken = context().now;
    for (auto& publication : transaction.publications) {
        if (looks_for_queues_at_commit()) look_for_queues(publication);
        if (carry_out(publication) == Carried::refused) carried = Carried::refused;
        taken = std::max(taken, taken_at(publication));
    }
    const auto exist = check_queues_exist(transaction.publications);
    for (auto& settlement : transaction.settlements) carry_out(std::move(settlement));
    if (!exist) return std::unexpected(exist.error());
    if (carried == Carried::refused) return refuse(ViolationName::partial_tx_completion, "partial tx completion");
    const auto written = context().disk.last();
    const bool safe = written == written_before || context().disk.is_safe(written);
    if (safe && taken <= context().now) return methods::tx::CommitOk{};
    committing_ = {.write = safe ? model::WriteNumber{0} : written, .taken_at = taken};
    watch_confirms();
    return no_reply();
}

Outcome Channel::on(const methods::tx::Rollback&) {
    if (!transaction_) return refuse(ViolationName::channel_not_transactional, "channel is not transactional");
    roll_back();
    return methods::tx::RollbackOk{};
}

// What was settled in the transaction is outstanding again; nothing is redelivered for that.
void Channel::roll_back() {
    if (!transaction_) return;
    for (auto& settlement : transaction_->settlements) {
        for (auto& [tag, delivery] : settlement.deliveries) unacknowledged_.emplace(tag, std::move(delivery));
    }
    *transaction_ = {};
    if (!context().timers.is_set(delivery_timer_)) watch_deliveries();
}

}  // namespace simbroker::server091
