// basic.publish from the last body frame to the queues, publisher confirms, and transactions (1.9).
#include <fmt/format.h>

#include "simbroker/extension/message_ttl.hpp"
#include "simbroker/extension/sender_selected.hpp"
#include "simbroker/model/content.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"

namespace simbroker::server091 {

using codec::amqp091::BasicProperties;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using model::Message;
namespace methods = codec::amqp091;

namespace {

std::unexpected<Violation> invalid_message(std::string_view term) {
    return refuse(ViolationName::message_invalid, fmt::format("invalid message: {}", term));
}

FieldTableBuilder without_bcc(FieldTable headers) {
    FieldTableBuilder kept;
    for (const auto& [name, value] : headers) {
        if (name != extension::bcc_header) kept.add(name, value);
    }
    return kept;
}

// The octets to pass on: as published, unless the profile writes headers and expiration anew or BCC has to go.
void adopt(Message& message, codec::wire::Bytes octets, BasicProperties properties, const profile::Profile& profile) {
    const bool has_bcc = properties.headers && properties.headers->find(extension::bcc_header);
    const bool resort =
        properties.headers && profile.headers_on_delivery == profile::HeadersOnDelivery::reencoded_and_sorted;
    const bool rewrite_expiration =
        properties.expiration && profile.expiration_on_delivery == profile::ExpirationOnDelivery::as_integer;
    if (!has_bcc && !resort && !rewrite_expiration) return model::adopt_properties(message, std::move(octets));
    FieldTableBuilder headers;
    if (properties.headers) {
        headers = without_bcc(*properties.headers);
        if (resort) headers = model::sorted_by_name(headers.view());
        properties.headers = headers.view();
        if (has_bcc && headers.empty()) properties.headers.reset();
    }
    std::string expiration;
    if (rewrite_expiration) {
        const auto ttl = extension::parse_expiration(properties.expiration->text());
        expiration = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*ttl).count());
        properties.expiration = expiration;
    }
    model::adopt_properties(message, properties);
}

}  // namespace

// The content comes with on_content_complete; by itself the method does nothing yet.
Outcome Channel::on(const methods::basic::Publish&) { return no_reply(); }

std::expected<void, Violation> Channel::check_properties(const BasicProperties& properties) const {
    if (properties.user_id && properties.user_id->text() != connection_.user()) {
        return refuse(
            ViolationName::user_id_mismatch,
            fmt::format(
                "user_id property set to '{}' but authenticated user was '{}'",
                properties.user_id->text(),
                connection_.user()
            )
        );
    }
    if (properties.expiration) {
        const auto text = properties.expiration->text();
        const auto ttl = extension::parse_expiration(text);
        if (!ttl)
            return refuse(
                ViolationName::expiration_invalid, fmt::format("invalid expiration '{}': {}", text, ttl.error())
            );
    }
    const auto mode = properties.delivery_mode.value_or(methods::transient_delivery);
    const bool odd = mode != methods::transient_delivery && mode != methods::persistent_delivery;
    if (odd && context().profile().odd_delivery_mode == profile::OddDeliveryMode::refused) {
        return invalid_message(fmt::format("{{delivery_mode_unknown,{}}}", mode));
    }
    return {};
}

std::expected<std::shared_ptr<Message>, Violation> Channel::make_message(Incoming& incoming) const {
    const auto properties = methods::decode_properties(incoming.property_octets);
    if (!properties) return std::unexpected(Violation{ViolationName::undecodable_properties, "", no_method});
    if (auto checked = check_properties(*properties); !checked) return std::unexpected(checked.error());
    auto message = std::make_shared<Message>();
    message->routing_keys.push_back(std::move(incoming.routing_key));
    if (properties->headers) {
        const auto cc = extension::selected_keys(*properties->headers, extension::cc_header);
        if (!cc) return invalid_message(cc.error());
        const auto bcc = extension::selected_keys(*properties->headers, extension::bcc_header);
        if (!bcc) return invalid_message(bcc.error());
        message->routing_keys.insert(message->routing_keys.end(), cc->begin(), cc->end());
        message->hidden_keys = *bcc;
    }
    adopt(*message, std::move(incoming.property_octets), *properties, context().profile());
    message->exchange = std::move(incoming.exchange);
    message->own_body(std::move(incoming.body));
    return message;
}

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
    if (publication.queues.empty()) {
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
