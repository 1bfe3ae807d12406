#include "simbroker/extension/quorum_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/model/content.hpp"

namespace simbroker::extension {

using codec::ViolationName;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using model::DeadLetterStrategy;
using model::DeliveryLimit;
using model::Queue;
using model::QueuedMessage;
using model::QueueType;
using namespace profile;

namespace {

constexpr std::string_view x_delivery_count = "x-delivery-count";
constexpr std::string_view x_acquired_count = "x-acquired-count";

constexpr std::uint8_t priority_if_none = 4;
constexpr std::uint8_t highest_strict_priority = 31;

void set_up(Queue& queue, const Profile& profile) {
    const auto& quorum = profile.quorum;
    if (quorum.priorities == QuorumPriorities::two_levels) queue.ready.serve(model::Service::two_to_one);
    if (queue.settings().single_active_consumer &&
        quorum.active_consumer == QuorumActiveConsumer::the_highest_priority) {
        queue.subscribers.serve(model::Subscribers::Served::only_the_highest);
    }
}

std::optional<Refusal> refused_deletion(const Subject& subject, std::string_view flag) {
    return Refusal{
        ViolationName::not_supported_by_queue_type,
        fmt::format(
            "cannot delete {}. queue.delete operations with {} flag set are not supported by quorum queues",
            described(subject),
            flag
        ),
    };
}

constexpr std::array leader_locators{"client-local", "balanced", "random", "least-leaders"};

std::optional<double> as_real(const FieldValue& value) {
    if (const auto* number = value.as<double>()) return *number;
    if (const auto* number = value.as<float>()) return *number;
    return std::nullopt;
}

}  // namespace

const QueueTypeRow quorum_queue{
    .type = QueueType::quorum,
    .name = "quorum",
    .module = "rabbit_quorum_queue",
    .set_up = set_up,
    .declaration = refuse_unless_durable_and_shared,
    .consumption = [](const Subject& subject, const Queue&, const Consumption& consumption) -> std::optional<Refusal> {
        if (consumption.channel_prefetch_count == 0) return std::nullopt;
        return Refusal{ViolationName::not_supported_by_queue_type, described(subject) + " does not support global qos"};
    },
    .get = [](const Subject& subject, const Queue& queue) -> std::optional<Refusal> {
        if (!queue.settings().single_active_consumer) return std::nullopt;
        return Refusal{
            ViolationName::get_from_single_active_consumer_queue,
            fmt::format(
                "cannot obtain access to locked {}. basic.get operations are not supported by {} queues with single "
                "active consumer",
                described(subject),
                subject.profile.quorum.name_in_get_refusal
            ),
        };
    },
    .purge = [](const Subject&) { return std::optional<Refusal>(); },
    .deletion = [](const Subject& subject, const Queue&, const Deletion& deletion) -> std::optional<Refusal> {
        if (deletion.if_unused) return refused_deletion(subject, "if-unused");
        if (deletion.if_empty) return refused_deletion(subject, "if-empty");
        return std::nullopt;
    },
    .delivered_properties = [](const QueuedMessage& message, Passage passage, const Profile& profile
                            ) { return with_delivery_counts(message, passage, profile.quorum); },
};

// RabbitMQ does not check the value; what it makes of one that is no whole number differs by version.
const QueueArgument x_delivery_limit{
    .name = "x-delivery-limit",
    .refusal = [](const FieldValue&, FieldTable) { return std::optional<std::string>(); },
    .apply =
        [](const FieldValue& value, model::QueueSettings& settings) {
            DeliveryLimit limit{.whole = true, .value = value.as_integer()};
            if (!limit.value) {
                limit.whole = false;
                const auto number = as_real(value);
                if (number && std::abs(*number) < 1e15) limit.value = static_cast<std::int64_t>(std::floor(*number));
            }
            settings.delivery_limit = limit;
        },
    .policy = limited_by_policy("delivery limit"),
};

const QueueArgument x_dead_letter_strategy{
    .name = "x-dead-letter-strategy",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto strategy = text_of(value);
        if (strategy == "at-most-once" || strategy == "at-least-once") return std::nullopt;
        return "invalid_dlx_strategy";
    },
    .apply =
        [](const FieldValue& value, model::QueueSettings& settings) {
            settings.dead_letter_strategy = text_of(value) == "at-least-once" ? DeadLetterStrategy::at_least_once
                                                                              : DeadLetterStrategy::at_most_once;
        },
    .policy = set_by_policy("dead letter strategy"),
};

// How much of a queue is kept in memory, and how many nodes keep a copy, never shows on the wire.
const QueueArgument x_max_in_memory_length{
    .name = "x-max-in-memory-length",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = limited_by_policy("maximum memory in bytes"),
};

const QueueArgument x_max_in_memory_bytes{
    .name = "x-max-in-memory-bytes",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = limited_by_policy("maximum memory in bytes"),
};

const QueueArgument x_quorum_initial_group_size{
    .name = "x-quorum-initial-group-size",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_positive(value); },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
};

const QueueArgument x_queue_leader_locator{
    .name = "x-queue-leader-locator",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        if (std::ranges::find(leader_locators, text_of(value)) != leader_locators.end()) return std::nullopt;
        return "invalid_queue_locator_arg";
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("queue leader locator value"),
};

bool lets_no_dead_letter_get_lost(const Queue& queue) {
    const auto& settings = queue.settings();
    return queue.attributes().type == QueueType::quorum && settings.overflow == model::Overflow::reject_publish &&
           settings.dead_letter_strategy == DeadLetterStrategy::at_least_once;
}

std::optional<std::int64_t> delivery_limit(const model::QueueSettings& settings, const QuorumQueues& quorum) {
    const auto& given = settings.delivery_limit;
    if (!given) return quorum.default_delivery_limit;
    if (!given->whole && quorum.odd_delivery_limit == OddDeliveryLimit::as_if_not_given) {
        return quorum.default_delivery_limit;
    }
    if (!given->value) return std::nullopt;
    const bool unlimited = *given->value < 0 && quorum.negative_delivery_limit == NegativeDeliveryLimit::unlimited;
    return unlimited ? std::nullopt : given->value;
}

bool is_failure(Return how, const QuorumQueues& quorum) {
    switch (quorum.counted_returns) {
        case CountedReturns::all: return true;
        case CountedReturns::rejected_or_lost: return how == Return::reject || how == Return::lost;
    }
    return true;
}

namespace {

// What is lost with its consumer goes to the front whatever the limit.
ReturnPlace place_without_limit(Return how, const QuorumQueues& quorum) {
    const bool to_tail = quorum.unlimited_return == UnlimitedReturn::to_the_tail && how != Return::lost;
    return to_tail ? ReturnPlace::tail : ReturnPlace::front;
}

}  // namespace

ReturnPlace take_back(const Queue& queue, QueuedMessage& message, Return how, const Profile& profile) {
    message.redelivered = true;
    if (queue.attributes().type != QueueType::quorum) return ReturnPlace::its_own;
    ++message.acquired_count;
    if (is_failure(how, profile.quorum)) ++message.delivery_count;
    const auto limit = delivery_limit(queue.settings(), profile.quorum);
    if (limit && message.delivery_count > *limit) return ReturnPlace::dead;
    // A limit of any kind, be it one that is never reached, keeps a message at the front.
    const bool limited = limit || (queue.settings().delivery_limit && !queue.settings().delivery_limit->value);
    return limited ? ReturnPlace::front : place_without_limit(how, profile.quorum);
}

std::uint8_t quorum_priority(const model::Message& message, const QuorumQueues& quorum) {
    const auto priority = message.priority.value_or(priority_if_none);
    switch (quorum.priorities) {
        case QuorumPriorities::none: return 0;
        case QuorumPriorities::two_levels: return priority > priority_if_none ? 1 : 0;
        case QuorumPriorities::strict: return std::min(priority, highest_strict_priority);
    }
    return 0;
}

std::optional<codec::wire::Bytes> with_delivery_counts(
    const QueuedMessage& message, Passage passage, const QuorumQueues& quorum
) {
    const bool acquired_too = quorum.delivery_count_header == DeliveryCountHeader::with_acquired_count;
    const bool tell_none =
        passage == Passage::got && quorum.delivery_count_header == DeliveryCountHeader::on_redelivery_and_get;
    const bool tell_deliveries = message.delivery_count > 0 || tell_none;
    const bool tell_acquisitions = acquired_too && message.acquired_count > 0;
    if (!tell_deliveries && !tell_acquisitions) return std::nullopt;

    auto properties = *codec::amqp091::decode_properties(message.message->property_octets);
    FieldTableBuilder headers;
    for (const auto& [name, value] : properties.headers.value_or(FieldTable{})) {
        const bool replaced =
            (tell_deliveries && name == x_delivery_count) || (tell_acquisitions && name == x_acquired_count);
        if (!replaced) headers.add(name, value);
    }
    if (tell_acquisitions) headers.add(x_acquired_count, message.acquired_count);
    if (tell_deliveries) headers.add(x_delivery_count, message.delivery_count);
    const auto sorted = model::sorted_by_name(headers.view());
    properties.headers = sorted.view();
    codec::wire::Bytes octets;
    encode(properties, octets);
    return octets;
}

}  // namespace simbroker::extension
