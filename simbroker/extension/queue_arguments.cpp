#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;

constexpr std::array rows{
    &x_queue_type,
    &x_expires,
    &x_message_ttl,
    &x_dead_letter_exchange,
    &x_dead_letter_routing_key,
    &x_max_length,
    &x_max_length_bytes,
    &x_max_priority,
    &x_overflow,
    &x_queue_mode,
    &x_queue_version,
    &x_single_active_consumer,
};

constexpr std::array<std::string_view, 10> foreign{
    "x-dead-letter-strategy",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-quorum-initial-group-size",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-initial-cluster-size",
    "x-delivery-limit",
    "x-consumer-timeout",
    "x-stream-filter-size-bytes",
};

}  // namespace

std::span<const QueueArgument* const> queue_arguments() { return rows; }

bool is_foreign_to_classic_queues(std::string_view name) { return std::ranges::find(foreign, name) != foreign.end(); }

std::optional<std::string> refused_argument(FieldTable arguments, std::string_view queue, std::string_view vhost) {
    const auto subject = [&](std::string_view name) {
        return fmt::format("invalid arg '{}' for queue '{}' in vhost '{}'", name, queue, vhost);
    };
    for (const auto* row : rows) {
        const auto value = arguments.find(row->name);
        if (!value) continue;
        if (const auto term = row->refusal(*value, arguments)) {
            return fmt::format("{}: {}", subject(row->name), *term);
        }
    }
    for (const auto& [name, value] : arguments) {
        if (is_foreign_to_classic_queues(name)) return subject(name) + " of queue type rabbit_classic_queue";
    }
    return std::nullopt;
}

model::QueueSettings settings_from(FieldTable arguments) {
    model::QueueSettings settings;
    for (const auto* row : rows) {
        if (const auto value = arguments.find(row->name)) row->apply(*value, settings);
    }
    return settings;
}

std::optional<std::string> refuse_unless_integer(const FieldValue& value) {
    if (value.as_integer()) return std::nullopt;
    return fmt::format("\"expected integer, got {}\"", rabbitmq_type_name(value));
}

std::optional<std::string> refuse_unless_natural(const FieldValue& value) {
    if (auto term = refuse_unless_integer(value)) return term;
    if (*value.as_integer() < 0) return fmt::format("{{value_negative,{}}}", *value.as_integer());
    return std::nullopt;
}

std::optional<std::string> refuse_unless_milliseconds(const FieldValue& value) {
    if (auto term = refuse_unless_natural(value)) return term;
    if (*value.as_integer() > milliseconds_max) return fmt::format("{{value_too_large,{}}}", *value.as_integer());
    return std::nullopt;
}

std::optional<std::string> refuse_unless_longstr(const FieldValue& value) {
    if (value.as<LongString>()) return std::nullopt;
    return fmt::format("{{unacceptable_type,{}}}", rabbitmq_type_name(value));
}

std::optional<std::string> refuse_unless_bool(const FieldValue& value) {
    if (value.as<bool>()) return std::nullopt;
    return fmt::format("{{unacceptable_type,{}}}", rabbitmq_type_name(value));
}

std::string text_of(const FieldValue& longstr) { return std::string(longstr.as<LongString>()->text); }

}  // namespace simbroker::extension
