// basic.publish from the whole message to the queues, publisher confirms, and transactions (1.9).
#include <fmt/format.h>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

namespace methods = codec::amqp091;

// The content comes with on_content_complete; by itself the method does nothing yet.
Outcome Channel::on(const methods::basic::Publish&) { return no_reply(); }

Outcome Channel::publish(Incoming incoming) {
    if (incoming.immediate) return refuse(ViolationName::immediate_not_implemented, "immediate=true");
    const auto limit = context().profile().message_size_max;
    if (incoming.body_size > limit) {
        return refuse(
            ViolationName::message_too_large,
            fmt::format("message size {} is larger than configured max size {}", incoming.body_size, limit)
        );
    }
    const auto* exchange = vhost().find_exchange(incoming.exchange);
    if (!exchange) return std::unexpected(no_such_exchange(incoming.exchange));
    if (exchange->attributes().internal) {
        return refuse(
            ViolationName::internal_exchange_protected,
            fmt::format("cannot publish to internal exchange '{}' in vhost '{}'", exchange->name(), vhost().name())
        );
    }
    const bool mandatory = incoming.mandatory;
    auto message = make_message(incoming);
    if (!message) return std::unexpected(message.error());
    context().message_event(
        Event::Kind::message_published, exchange->name(), (*message)->routing_key(), (*message)->body.size()
    );
    const auto queues = vhost().route(**message);
    if (context().message_bytes + queues.size() * (*message)->size() > context().config.max_message_bytes_total) {
        return refuse(ViolationName::message_memory_exhausted, "the broker holds as many octets of messages as it may");
    }
    Publication publication{.message = std::move(*message), .queues = {}, .mandatory = mandatory};
    for (const auto* queue : queues) publication.queues.push_back(queue->id());
    if (confirms_.selected()) publication.confirm_number = confirms_.next();
    if (transaction_) {
        transaction_->publications.push_back(std::move(publication));
    } else {
        carry_out(publication);
    }
    return no_reply();
}

// Every queue takes its copy or refuses it; the publisher hears of one refusal, or that all is well.
Channel::Carried Channel::carry_out(const Publication& publication) {
    const bool counts_as_routed = reply_directly(*publication.message);
    if (publication.queues.empty() && !counts_as_routed) {
        const auto& message = *publication.message;
        context().message_event(Event::Kind::message_unroutable, message.exchange, message.routing_key());
        if (publication.mandatory) send_back(publication);
    }
    auto carried = Carried::out;
    for (const auto id : publication.queues) {
        auto* queue = vhost().find_queue(id);
        if (queue && vhost().enqueue(*queue, publication.message) == model::Enqueued::refused)
            carried = Carried::refused;
    }
    if (publication.confirm_number != 0) {
        if (carried == Carried::out) {
            confirms_.acknowledge(publication.confirm_number);
        } else {
            confirms_.refuse(publication.confirm_number);
        }
    }
    return carried;
}

void Channel::send_back(const Publication& publication) {
    const auto& message = *publication.message;
    connection_.send(
        number_,
        methods::basic::Return{
            .reply_code = static_cast<std::uint16_t>(methods::ReplyCode::no_route),
            .reply_text = methods::name_of(methods::ReplyCode::no_route),
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

// Messages go out first, in order, then settlements take effect (1.9.2.3).
Outcome Channel::on(const methods::tx::Commit&) {
    if (!transaction_) return refuse(ViolationName::channel_not_transactional, "channel is not transactional");
    auto transaction = std::exchange(*transaction_, {});
    auto carried = Carried::out;
    for (const auto& publication : transaction.publications) {
        if (carry_out(publication) == Carried::refused) carried = Carried::refused;
    }
    for (auto& settlement : transaction.settlements) carry_out(std::move(settlement));
    if (carried == Carried::refused) return refuse(ViolationName::partial_tx_completion, "partial tx completion");
    return methods::tx::CommitOk{};
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
}

}  // namespace simbroker::server091
