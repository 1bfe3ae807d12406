#include "simbroker/extension/dead_letter.hpp"

#include <fmt/format.h>

#include "simbroker/extension/death_headers.hpp"
#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/extension/sender_selected.hpp"
#include "simbroker/model/content.hpp"

namespace simbroker::extension {

using codec::amqp091::BasicProperties;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using model::Death;
using profile::DeathHeaders;

// Its type is checked apart from the other arguments and has a text of its own (queue_handlers.cpp).
const QueueArgument x_dead_letter_exchange{
    .name = "x-dead-letter-exchange",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_longstr(value); },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.dead_letter_exchange = text_of(value); },
    .policy = set_by_policy("dead letter exchange name"),
};

const QueueArgument x_dead_letter_routing_key{
    .name = "x-dead-letter-routing-key",
    .refusal = [](const FieldValue& value, FieldTable all) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        if (!all.find("x-dead-letter-exchange")) return "routing_key_but_no_dlx_defined";
        return std::nullopt;
    },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.dead_letter_routing_key = text_of(value); },
    .policy = set_by_policy("dead letter routing key"),
};

std::string_view to_string(DeathReason reason) {
    switch (reason) {
        case DeathReason::rejected: return "rejected";
        case DeathReason::expired: return "expired";
        case DeathReason::maxlen: return "maxlen";
        case DeathReason::delivery_limit: return "delivery_limit";
    }
    return "";
}

namespace {

Death death_of(const DeadLetter& dead, const BasicProperties& properties, const model::Context& context) {
    Death death{
        .queue = dead.queue,
        .reason = std::string(to_string(dead.reason)),
        .time = context.calendar_seconds(),
        .exchange = dead.message->exchange,
        .routing_keys = dead.message->routing_keys,
        .original_expiration = std::nullopt,
    };
    // 3.10 looks into properties that were decoded before, which those of a message read from the disk were not.
    const bool merged = context.profile().death_headers == DeathHeaders::merged_from_message;
    const bool overlooked = merged && dead.read_from_disk;
    if (properties.expiration && !overlooked) death.original_expiration = std::string(properties.expiration->text());
    return death;
}

FieldTableBuilder without(FieldTable headers, std::string_view dropped) {
    FieldTableBuilder out;
    for (const auto& [name, value] : headers) {
        if (name != dropped) out.add(name, value);
    }
    return out;
}

}  // namespace

std::shared_ptr<model::Message> republished(const DeadLetter& dead, const model::Context& context) {
    const auto& old = *dead.message;
    auto properties = *codec::amqp091::decode_properties(old.property_octets);
    const auto death = death_of(dead, properties, context);
    const bool merged = context.profile().death_headers == DeathHeaders::merged_from_message;

    auto message = std::make_shared<model::Message>();
    message->exchange = dead.exchange;
    message->routing_keys = old.routing_keys;
    message->hidden_keys = old.hidden_keys;
    if (dead.routing_key) {
        message->routing_keys = {*dead.routing_key};
        message->hidden_keys.clear();
    }
    message->share_body(dead.message);

    FieldTableBuilder headers;
    if (merged) {
        const auto base = dead.routing_key ? without(old.headers, cc_header) : FieldTableBuilder(old.headers);
        headers = headers_with_merged_death(base.view(), death);
    } else {
        message->deaths = deaths_with(old.deaths, death);
        message->first_death = old.first_death ? old.first_death : std::make_shared<const Death>(death);
        headers = headers_from_deaths(old.headers, message->deaths, *message->first_death);
    }
    properties.headers = headers.view();
    properties.expiration.reset();
    adopt_properties(*message, properties);
    return message;
}

bool in_automatic_cycle(const model::Message& message, const DeadLetter& dead, std::string_view queue) {
    if (dead.reason == DeathReason::rejected) return false;
    for (const auto& death : message.deaths.empty() ? deaths_in(message.headers) : message.deaths) {
        if (death.reason == to_string(DeathReason::rejected)) return false;
        if (death.queue == queue) return true;
    }
    return false;
}

}  // namespace simbroker::extension
