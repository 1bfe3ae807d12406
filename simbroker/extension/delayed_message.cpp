// x-delayed-message (plug-in rabbitmq_delayed_message_exchange): a message with a header x-delay waits so many
// milliseconds and is routed then, by the rules of the type that the argument x-delayed-type names. Until then it is
// unroutable: it goes to the alternate exchange, or back to a mandatory publisher, and is confirmed at once. Those that
// wait stay when the exchange is deleted, and are dropped if it is not there when their time comes.
//
// The plug-in is in no Debian package; what is here follows its source (rabbit_delayed_message_utils.erl) and its
// users' reports: consumers see the header as it was published on 3.10 and negated, as a 64-bit integer, on 4.x (pika
// issue 1531).
#include "simbroker/extension/delayed_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/amqp091/properties.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/model/content.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::ExchangeAttributes;
using model::ExchangeType;

constexpr std::string_view type_argument = "x-delayed-type";
constexpr std::string_view delay_header = "x-delay";
constexpr std::int64_t delay_max = 4294967295;

std::optional<std::int64_t> number_in(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// A whole number, a text of one, or a fraction without what follows its point.
std::optional<std::int64_t> milliseconds_in(const FieldValue& value) {
    if (const auto whole = value.as_integer()) return whole;
    if (const auto* text = value.as<LongString>()) return number_in(text->text);
    const auto* single = value.as<float>();
    const auto* number = value.as<double>();
    if (!single && !number) return std::nullopt;
    const double fraction = single ? static_cast<double>(*single) : *number;
    const auto most = static_cast<double>(delay_max) + 1;
    if (!(fraction > -most && fraction < most)) return std::nullopt;
    return static_cast<std::int64_t>(fraction);
}

std::optional<std::int64_t> delay_in(FieldTable headers) {
    const auto value = headers.find(delay_header);
    return value ? milliseconds_in(*value) : std::nullopt;
}

const LongString* inner_type_name(FieldTable arguments, std::optional<FieldValue>& held) {
    held = arguments.find(type_argument);
    return held ? held->as<LongString>() : nullptr;
}

std::optional<TypeRefusal> refused_inner_type(FieldTable arguments, const BrokerConfig& config) {
    std::optional<FieldValue> held;
    const auto* name = inner_type_name(arguments, held);
    if (!name) {
        return TypeRefusal{
            TypeRefusal::Kind::precondition_failed,
            "Invalid argument, 'x-delayed-type' must be an existing exchange type"
        };
    }
    if (name->text == x_delayed_message.name) {
        return TypeRefusal{
            TypeRefusal::Kind::precondition_failed,
            "Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'"
        };
    }
    const auto inner = exchange_type(name->text, config);
    if (!inner) return TypeRefusal{TypeRefusal::Kind::unknown_type, std::string(name->text)};
    return refused_declaration(*inner, arguments, config);
}

// The exchange as its inner type sees it. The type was good when the exchange was declared.
ExchangeAttributes inner_exchange(const ExchangeAttributes& delayed, const BrokerConfig& config) {
    std::optional<FieldValue> held;
    const auto* name = inner_type_name(FieldTable::trusted(delayed.arguments), held);
    auto inner = delayed;
    inner.type = exchange_type(name->text, config).value_or(ExchangeType::direct);
    return inner;
}

FieldTableBuilder with_delay(FieldTable headers, std::int64_t delay) {
    FieldTableBuilder changed;
    bool first = true;
    for (const auto& [name, value] : headers) {
        if (name != delay_header) {
            changed.add(name, value);
        } else if (std::exchange(first, false)) {
            changed.add(name, delay);
        }
    }
    return changed;
}

}  // namespace

std::optional<Duration> delay_of(const ExchangeAttributes& exchange, const model::Message& message) {
    if (exchange.type != ExchangeType::delayed_message || message.delay_served) return std::nullopt;
    const auto delay = delay_in(message.headers);
    if (!delay || *delay <= 0 || *delay > delay_max) return std::nullopt;
    return std::chrono::milliseconds(*delay);
}

model::MessagePtr delayed_form(const model::MessagePtr& message, const profile::Profile& profile) {
    auto changed = std::make_shared<model::Message>();
    changed->exchange = message->exchange;
    changed->routing_keys = message->routing_keys;
    changed->hidden_keys = message->hidden_keys;
    changed->deaths = message->deaths;
    changed->first_death = message->first_death;
    changed->delay_served = true;
    changed->share_body(message);
    if (profile.exchange_types.delay_on_delivery == profile::DelayOnDelivery::as_published) {
        model::adopt_properties(*changed, message->property_octets);
        return changed;
    }
    auto properties = *codec::amqp091::decode_properties(message->property_octets);
    const auto headers = with_delay(message->headers, -delay_in(message->headers).value_or(0));
    properties.headers = headers.view();
    model::adopt_properties(*changed, properties);
    return changed;
}

void DelayedMessages::add(
    model::Context& context, const std::string& exchange, model::MessagePtr message, Duration delay
) {
    const auto id = context.next_delayed_id++;
    context.memory.take_message(message->memory());
    auto& waiting =
        waiting_[id] = {.exchange = exchange, .message = std::move(message), .due = context.now + delay, .timer = {}};
    context.timers.set(waiting.timer, waiting.due, model::DelayTimer{id});
}

void DelayedMessages::pause(model::Context& context) {
    for (auto& [id, waiting] : waiting_) context.timers.cancel(waiting.timer);
}

void DelayedMessages::resume(model::Context& context) {
    for (auto& [id, waiting] : waiting_) {
        context.timers.set(waiting.timer, std::max(waiting.due, context.now), model::DelayTimer{id});
    }
}

void DelayedMessages::clear(model::Context& context) {
    pause(context);
    for (const auto& [id, waiting] : waiting_) context.memory.give_message_back(waiting.message->memory());
    waiting_.clear();
}

std::optional<DelayedMessage> DelayedMessages::take(model::Context& context, std::uint64_t id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) return std::nullopt;
    auto taken = std::move(found->second);
    waiting_.erase(found);
    context.memory.give_message_back(taken.message->memory());
    return taken;
}

const ExchangeTypeRow x_delayed_message{
    .type = ExchangeType::delayed_message,
    .name = "x-delayed-message",
    .plugin = "rabbitmq_delayed_message_exchange",
    .refuse_declaration = refused_inner_type,
    .refuse_binding = [](const BindingRequest& request, const BrokerConfig& config) -> std::optional<std::string> {
        const auto inner = inner_exchange(request.source, config);
        return refused_binding(
            {inner, request.destination, request.queue_arguments, request.routing_key, request.arguments}, config
        );
    },
    .make_router = [](const ExchangeAttributes& attributes, model::Context& context
                   ) { return make_router(inner_exchange(attributes, context.config), context); },
};

}  // namespace simbroker::extension
