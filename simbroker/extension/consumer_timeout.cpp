#include "simbroker/extension/consumer_timeout.hpp"

#include <algorithm>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using std::chrono::milliseconds;

namespace {

// Nothing for what is no time; the versions that do not check it make nothing of it.
std::optional<milliseconds> as_timeout(const FieldValue& value) {
    const auto number = value.as_integer();
    if (!number || *number < 0) return std::nullopt;
    return milliseconds(std::min(*number, milliseconds_max));
}

}  // namespace

const QueueArgument x_consumer_timeout{
    .name = x_consumer_timeout_name,
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.consumer_timeout = as_timeout(value); },
    .policy = limited_by_policy("consumer timeout"),
};

std::optional<milliseconds> consumer_timeout(
    FieldTable arguments, model::QueueType type, const profile::Profile& profile
) {
    const auto value = arguments.find(x_consumer_timeout_name);
    const bool known = familiarity(profile.consumer_arguments, x_consumer_timeout_name, type) == Familiarity::known;
    return value && known ? as_timeout(*value) : std::nullopt;
}

std::optional<milliseconds> delivery_timeout(
    const model::Queue& queue,
    std::optional<milliseconds> of_consumer,
    milliseconds configured,
    const profile::Profile& profile
) {
    const bool only_quorum = profile.delivery_timeout == profile::DeliveryTimeout::takes_back_from_quorum_queues;
    if (only_quorum && queue.attributes().type != model::QueueType::quorum) return std::nullopt;
    if (of_consumer) return of_consumer;
    const bool own = profile.consumer_timeout_argument == profile::ConsumerTimeoutArgument::of_the_queue;
    if (own && queue.settings().consumer_timeout) return queue.settings().consumer_timeout;
    return configured.count() == 0 ? std::nullopt : std::optional(configured);
}

}  // namespace simbroker::extension
