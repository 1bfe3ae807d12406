// From the octets of a content to a message: what is checked in its properties, and what is passed on of them.
#include <fmt/format.h>

#include "simbroker/extension/message_ttl.hpp"
#include "simbroker/extension/sender_selected.hpp"
#include "simbroker/model/content.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/erlang_term.hpp"

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

// The octets to pass on: as published, unless the profile writes headers and expiration anew, BCC has to go, or
// the client asks for direct replies and its address has to be put in.
void adopt(
    Message& message,
    codec::wire::Bytes octets,
    BasicProperties properties,
    const std::optional<std::string>& reply_address,
    const profile::Profile& profile
) {
    const bool hides_bcc = profile.deviations.sender_selected == profile::SenderSelected::honoured;
    const bool has_bcc = hides_bcc && properties.headers && properties.headers->find(extension::bcc_header);
    const bool resort =
        properties.headers && profile.headers_on_delivery == profile::HeadersOnDelivery::reencoded_and_sorted;
    const bool rewrite_expiration =
        properties.expiration && profile.expiration_on_delivery == profile::ExpirationOnDelivery::as_integer;
    if (!has_bcc && !resort && !rewrite_expiration && !reply_address) {
        return model::adopt_properties(message, std::move(octets));
    }
    if (reply_address) properties.reply_to = *reply_address;
    FieldTableBuilder headers;
    if (properties.headers) {
        headers = without_bcc(*properties.headers);
        if (resort) headers = model::sorted_by_name(headers.view());
        properties.headers = headers.view();
    }
    std::string expiration;
    if (rewrite_expiration) {
        const auto ttl = extension::parse_expiration(properties.expiration->text());
        expiration = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(*ttl).count());
        properties.expiration = expiration;
    }
    model::adopt_properties(message, properties);
}

Violation invalid_expiration(std::string_view text, const extension::ExpirationError& error) {
    const auto tag = ErlangTerm::atom(error.tag);
    const auto term = error.value.empty() ? tag : ErlangTerm::tuple({tag, ErlangTerm::number(error.value)});
    auto reply = fmt::format("invalid expiration '{}': ", text);
    reply += term.pretty(reply.size());
    return {ViolationName::expiration_invalid, std::move(reply)};
}

}  // namespace

std::expected<void, Violation> Channel::check_topics(const model::Exchange& exchange, const Message& message) const {
    if (exchange.attributes().type != model::ExchangeType::topic) return {};
    for (const auto* keys : {&message.routing_keys, &message.hidden_keys}) {
        for (const auto& key : *keys) {
            if (auto checked = check_topic(model::Permission::write, exchange, key); !checked) return checked;
        }
    }
    return {};
}

std::expected<void, Violation> Channel::check_user_id(const BasicProperties& properties) const {
    const bool validates = deviations().user_ids == profile::UserIds::validated;
    if (validates && properties.user_id && properties.user_id->text() != connection_.user() &&
        !connection_.may_impersonate()) {
        return refuse(
            ViolationName::user_id_mismatch,
            fmt::format(
                "user_id property set to '{}' but authenticated user was '{}'",
                properties.user_id->text(),
                connection_.user()
            )
        );
    }
    return {};
}

std::expected<std::optional<std::string>, Violation> Channel::reply_address_for(const BasicProperties& properties
) const {
    const bool asks_for_replies = properties.reply_to && properties.reply_to->text() == extension::reply_to_queue;
    if (!asks_for_replies || !offers_direct_replies()) return std::nullopt;
    if (!reply_consumer_) return refuse(ViolationName::reply_consumer_invalid, "fast reply consumer does not exist");
    return reply_consumer_->address;
}

namespace {

std::expected<void, Violation> check_expiration(const BasicProperties& properties) {
    if (!properties.expiration) return {};
    const auto text = properties.expiration->text();
    const auto ttl = extension::parse_expiration(text);
    if (!ttl) return std::unexpected(invalid_expiration(text, ttl.error()));
    return {};
}

std::expected<void, Violation> check_delivery_mode(const BasicProperties& properties, const profile::Profile& profile) {
    const auto mode = properties.delivery_mode.value_or(methods::transient_delivery);
    const bool odd = mode != methods::transient_delivery && mode != methods::persistent_delivery;
    if (!odd || profile.odd_delivery_mode == profile::OddDeliveryMode::accepted) return {};
    return invalid_message(fmt::format("{{delivery_mode_unknown,{}}}", mode));
}

}  // namespace

// The order of the checks shows when a message fails two of them.
std::expected<std::shared_ptr<Message>, Violation> Channel::permitted_message(
    const model::Exchange& exchange, Incoming& incoming
) const {
    const bool topic_first = context().profile().topic_write_check == profile::TopicWriteCheck::routing_key;
    if (topic_first) {
        const auto checked = check_topic(model::Permission::write, exchange, incoming.routing_key);
        if (!checked) return std::unexpected(checked.error());
    }
    const auto properties = methods::decode_properties(incoming.property_octets);
    if (!properties) {
        const bool by_reply_codes = deviations().undecodable == profile::Undecodable::by_reply_codes;
        const auto name = by_reply_codes ? ViolationName::unreadable_fields : ViolationName::undecodable_properties;
        return std::unexpected(Violation{name, "", no_method});
    }
    auto reply_address = reply_address_for(*properties);
    if (!reply_address) return std::unexpected(reply_address.error());
    const auto own_user = check_user_id(*properties);
    if (topic_first && !own_user) return std::unexpected(own_user.error());
    auto message = make_message(incoming, *properties, *reply_address);
    if (!message || topic_first) return message;
    if (auto checked = check_topics(exchange, **message); !checked) return std::unexpected(checked.error());
    if (!own_user) return std::unexpected(own_user.error());
    return message;
}

std::expected<std::shared_ptr<Message>, Violation> Channel::make_message(
    Incoming& incoming, const BasicProperties& properties, const std::optional<std::string>& reply_address
) const {
    if (auto checked = check_expiration(properties); !checked) return std::unexpected(checked.error());
    auto message = std::make_shared<Message>();
    message->routing_keys.push_back(std::move(incoming.routing_key));
    if (properties.headers && deviations().sender_selected == profile::SenderSelected::honoured) {
        const auto cc = extension::selected_keys(*properties.headers, extension::cc_header);
        if (!cc) return invalid_message(cc.error());
        const auto bcc = extension::selected_keys(*properties.headers, extension::bcc_header);
        if (!bcc) return invalid_message(bcc.error());
        message->routing_keys.insert(message->routing_keys.end(), cc->begin(), cc->end());
        message->hidden_keys = *bcc;
    }
    const auto known_mode = check_delivery_mode(properties, context().profile());
    if (!known_mode) return std::unexpected(known_mode.error());
    adopt(*message, std::move(incoming.property_octets), properties, reply_address, context().profile());
    message->exchange = std::move(incoming.exchange);
    message->publisher = connection_.id();
    message->own_body(std::move(incoming.body));
    return message;
}

}  // namespace simbroker::server091
