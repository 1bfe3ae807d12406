// The optional arguments of queue.declare. Each extension owns its rows (name, what is refused, what it sets);
// queue_arguments.cpp lists them in the order in which RabbitMQ checks and compares them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/extension/queue_type.hpp"

namespace simbroker::extension {

// How a policy sets what an argument sets: under the argument's name without x-.
struct PolicyKey {
    enum class With : std::uint8_t { nothing, argument_wins, smallest_wins };
    enum class Operators : std::uint8_t { may_not, may };

    With with = With::nothing;                 // nothing: no policy sets it
    std::string_view described = {};           // in refusals: "-1 is not a valid maximum length"
    Operators operators = Operators::may_not;  // whether an operator policy can set it
};

// A limit: the smallest that anybody set holds.
constexpr PolicyKey limited_by_policy(std::string_view described) {
    return {PolicyKey::With::smallest_wins, described, PolicyKey::Operators::may};
}

constexpr PolicyKey set_by_policy(std::string_view described) { return {PolicyKey::With::argument_wins, described}; }

struct QueueArgument {
    std::string_view name;

    // Nothing, or the Erlang term with which RabbitMQ ends its text "invalid arg '...' for queue '...': ".
    std::optional<std::string> (*refusal)(const codec::amqp091::FieldValue& value, codec::amqp091::FieldTable all);

    void (*apply)(const codec::amqp091::FieldValue& value, model::QueueSettings& settings);

    // Whether RabbitMQ's check fails on the value instead of refusing it, and takes the connection along.
    bool (*crash)(const codec::amqp091::FieldValue& value, const profile::Profile& profile) = nullptr;

    PolicyKey policy{};

    // Where versions differ: instead of `refusal`, which then is about policies only.
    std::optional<std::string> (*refusal_here)(
        const codec::amqp091::FieldValue& value, const profile::Profile& profile
    ) = nullptr;
};

std::span<const QueueArgument* const> queue_arguments();

// Why the first bad argument is refused: "invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0}".
std::optional<Refusal> refused_argument(
    const Subject& subject, model::QueueType type, codec::amqp091::FieldTable arguments
);

// The same of basic.consume.
std::optional<Refusal> refused_consumer_argument(
    const Subject& subject, model::QueueType type, codec::amqp091::FieldTable arguments
);

model::QueueSettings settings_from(codec::amqp091::FieldTable arguments);

// Checks that several extensions share. Each gives the term of the refusal, or nothing.
std::optional<std::string> refuse_unless_integer(const codec::amqp091::FieldValue& value);
std::optional<std::string> refuse_unless_natural(const codec::amqp091::FieldValue& value);
std::optional<std::string> refuse_unless_positive(const codec::amqp091::FieldValue& value);
std::optional<std::string> refuse_unless_milliseconds(const codec::amqp091::FieldValue& value);  // 0 to ten years
std::optional<std::string> refuse_unless_longstr(const codec::amqp091::FieldValue& value);
std::optional<std::string> refuse_unless_bool(const codec::amqp091::FieldValue& value);

// The largest time to live: ten years of 365 days, in milliseconds.
inline constexpr std::int64_t milliseconds_max = 315360000000;

std::string text_of(const codec::amqp091::FieldValue& longstr);

// The rows, each defined by its extension.
extern const QueueArgument x_message_ttl;
extern const QueueArgument x_expires;
extern const QueueArgument x_dead_letter_exchange;
extern const QueueArgument x_dead_letter_routing_key;
extern const QueueArgument x_max_length;
extern const QueueArgument x_max_length_bytes;
extern const QueueArgument x_overflow;
extern const QueueArgument x_max_priority;
extern const QueueArgument x_single_active_consumer;
extern const QueueArgument x_queue_mode;
extern const QueueArgument x_queue_version;
extern const QueueArgument x_queue_master_locator;
extern const QueueArgument x_queue_type;
extern const QueueArgument x_queue_leader_locator;
extern const QueueArgument x_dead_letter_strategy;
extern const QueueArgument x_delivery_limit;
extern const QueueArgument x_consumer_timeout;
extern const QueueArgument x_delayed_retry_type;
extern const QueueArgument x_delayed_retry_min;
extern const QueueArgument x_delayed_retry_max;
extern const QueueArgument x_max_in_memory_length;
extern const QueueArgument x_max_in_memory_bytes;
extern const QueueArgument x_quorum_initial_group_size;
extern const QueueArgument x_max_age;
extern const QueueArgument x_stream_max_segment_size_bytes;
extern const QueueArgument x_stream_filter_size_bytes;
extern const QueueArgument x_initial_cluster_size;

}  // namespace simbroker::extension
