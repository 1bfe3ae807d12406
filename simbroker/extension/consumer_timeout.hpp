// How long a delivery may stay unacknowledged: the configuration says, and x-consumer-timeout of a queue or a consumer,
// where the version knows it.
#pragma once

#include <chrono>
#include <optional>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/extension/queue_type.hpp"

namespace simbroker::extension {

inline constexpr std::string_view x_consumer_timeout_name = "x-consumer-timeout";

// Of a consumer, by its own argument.
std::optional<std::chrono::milliseconds> consumer_timeout(
    codec::amqp091::FieldTable arguments, model::QueueType type, const profile::Profile& profile
);

// Of a delivery; nothing: it may wait for ever.
std::optional<std::chrono::milliseconds> delivery_timeout(
    const model::Queue& queue,
    std::optional<std::chrono::milliseconds> of_consumer,
    std::chrono::milliseconds configured,
    const profile::Profile& profile
);

}  // namespace simbroker::extension
