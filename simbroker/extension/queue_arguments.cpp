#include <fmt/format.h>

#include <array>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {
namespace {

using codec::ViolationName;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::QueueType;

constexpr std::array rows{
    &x_queue_type,
    &x_expires,
    &x_message_ttl,
    &x_dead_letter_exchange,
    &x_dead_letter_routing_key,
    &x_dead_letter_strategy,
    &x_max_length,
    &x_max_length_bytes,
    &x_max_in_memory_length,
    &x_max_in_memory_bytes,
    &x_max_priority,
    &x_overflow,
    &x_queue_mode,
    &x_queue_version,
    &x_queue_master_locator,
    &x_single_active_consumer,
    &x_quorum_initial_group_size,
    &x_max_age,
    &x_stream_max_segment_size_bytes,
    &x_stream_filter_size_bytes,
    &x_initial_cluster_size,
    &x_queue_leader_locator,
    &x_delivery_limit,
    &x_consumer_timeout,
    &x_delayed_retry_type,
    &x_delayed_retry_min,
    &x_delayed_retry_max,
};

std::string invalid(std::string_view name, const Subject& subject) {
    return fmt::format("invalid arg '{}' for {}", name, described(subject));
}

std::string unknown_to(QueueType type, std::string_view name, const Subject& subject) {
    return fmt::format("{} of queue type {}", invalid(name, subject), row_of(type).module);
}

std::optional<Refusal> refused_by(
    const QueueArgument& row, const Subject& subject, const FieldValue& value, FieldTable all
) {
    if (row.crash && row.crash(value, subject.profile)) return Refusal{ViolationName::failed_inside, ""};
    const auto term = row.refusal_here ? row.refusal_here(value, subject.profile) : row.refusal(value, all);
    if (!term) return std::nullopt;
    return Refusal{ViolationName::queue_argument_invalid, fmt::format("{}: {}", invalid(row.name, subject), *term)};
}

}  // namespace

std::span<const QueueArgument* const> queue_arguments() { return rows; }

std::optional<Refusal> refused_argument(const Subject& subject, QueueType type, FieldTable arguments) {
    const auto& known = subject.profile.queue_arguments;
    for (const auto* row : rows) {
        const auto value = arguments.find(row->name);
        if (!value || familiarity(known, row->name, type) != Familiarity::known) continue;
        if (row == &x_queue_type && asks_for_default_type(*value, subject.profile)) continue;
        if (auto refused = refused_by(*row, subject, *value, arguments)) return refused;
    }
    for (const auto& [name, value] : arguments) {
        if (familiarity(known, name, type) != Familiarity::foreign) continue;
        return Refusal{ViolationName::queue_argument_invalid, unknown_to(type, name, subject)};
    }
    return std::nullopt;
}

std::optional<Refusal> refused_consumer_argument(const Subject& subject, QueueType type, FieldTable arguments) {
    using Check = std::optional<std::string> (*)(const FieldValue&);
    constexpr std::array<std::pair<std::string_view, Check>, 2> checks{{
        {"x-priority", refuse_unless_integer},
        {"x-cancel-on-ha-failover", refuse_unless_bool},
    }};
    const auto refused = [](std::string text) { return Refusal{ViolationName::consumer_argument_invalid, text}; };
    const auto& known = subject.profile.consumer_arguments;
    for (const auto& [name, check] : checks) {
        const auto value = arguments.find(name);
        if (!value || familiarity(known, name, type) != Familiarity::known) continue;
        if (const auto term = check(*value)) return refused(fmt::format("{}: {}", invalid(name, subject), *term));
    }
    for (const auto& [name, value] : arguments) {
        if (familiarity(known, name, type) == Familiarity::foreign) return refused(unknown_to(type, name, subject));
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

std::optional<std::string> refuse_unless_positive(const FieldValue& value) {
    if (auto term = refuse_unless_natural(value)) return term;
    if (*value.as_integer() == 0) return "{value_zero,0}";
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
