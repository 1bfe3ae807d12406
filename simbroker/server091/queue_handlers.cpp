// Class queue (1.7), save for its bindings (binding_handlers.cpp).
#include <fmt/format.h>

#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/equivalence.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using model::Queue;
namespace methods = codec::amqp091;

namespace {

constexpr std::string_view reserved_prefix = "amq.";
constexpr std::string_view dead_letter_exchange = "x-dead-letter-exchange";

std::optional<std::string> difference(
    const Queue& queue, const methods::queue::Declare& declare, std::string_view vhost
) {
    const Declared entity{"queue", queue.name(), vhost};
    const auto& current = queue.attributes();
    const bool durable = declare.durable && !declare.exclusive;  // an exclusive queue is never durable
    if (auto text = compare(entity, "durable", durable, current.durable)) return text;
    if (auto text = compare(entity, "auto_delete", declare.auto_delete, current.auto_delete)) return text;
    for (const auto* row : extension::queue_arguments()) {
        const bool classic_given_or_not = row == &extension::x_queue_type && extension::is_classic(declare.arguments) &&
                                          extension::is_classic(queue.arguments());
        if (classic_given_or_not) continue;
        if (auto text = compare_argument(entity, row->name, declare.arguments, queue.arguments())) return text;
    }
    return std::nullopt;
}

}  // namespace

Violation Channel::no_such_queue(std::string_view name) const {
    return {ViolationName::queue_not_found, fmt::format("no queue '{}' in vhost '{}'", name, vhost().name())};
}

Violation Channel::queue_locked(std::string_view name) const {
    return {
        ViolationName::queue_locked,
        fmt::format(
            "cannot obtain exclusive access to locked queue '{}' in vhost '{}'. It could be originally declared on "
            "another connection or the exclusive property value does not match that of the original declaration.",
            name,
            vhost().name()
        ),
    };
}

// 1.7: an empty name means the queue declared last on this channel.
std::expected<std::string, Violation> Channel::queue_name(std::string_view given) const {
    if (!given.empty()) return std::string(given);
    if (last_queue_.empty()) return refuse(ViolationName::no_queue_declared_yet, "no previously declared queue");
    return last_queue_;
}

std::expected<Queue*, Violation> Channel::queue_to_use(std::string_view given) {
    const auto name = queue_name(given);
    if (!name) return std::unexpected(name.error());
    auto* queue = vhost().find_queue(*name);
    if (!queue) return std::unexpected(no_such_queue(*name));
    if (queue->exclusive_to_another(connection_.id())) return std::unexpected(queue_locked(*name));
    return queue;
}

Outcome Channel::on(const methods::queue::Declare& declare) {
    auto name = without_line_ends(declare.queue.text());
    if (auto answer = declare_reply_queue(name, declare.no_wait)) return *answer;
    if (declare.passive) return declare_passively(name, declare.no_wait);
    if (name.empty()) {
        name = model::generated_name("amq.gen-", context().names);
    } else if (name.starts_with(reserved_prefix)) {
        return refuse(
            ViolationName::queue_name_reserved, fmt::format("queue name '{}' contains reserved prefix 'amq.*'", name)
        );
    }
    if (auto* existing = vhost().find_queue(name)) return redeclare(*existing, declare);
    return declare_new(name, declare);
}

// Flags and arguments do not matter; the counts are why one asks.
Outcome Channel::declare_passively(std::string_view name, bool no_wait) {
    auto* queue = vhost().find_queue(name);
    if (!queue) return std::unexpected(no_such_queue(name));
    if (queue->exclusive_to_another(connection_.id())) return std::unexpected(queue_locked(name));
    return declared(*queue, no_wait);
}

Outcome Channel::redeclare(Queue& queue, const methods::queue::Declare& declare) {
    const bool same_exclusivity = queue.attributes().exclusive_owner.has_value() == declare.exclusive;
    if (!same_exclusivity || queue.exclusive_to_another(connection_.id())) {
        return std::unexpected(queue_locked(queue.name()));
    }
    if (auto text = difference(queue, declare, vhost().name())) {
        return refuse(ViolationName::queue_not_equivalent, std::move(*text));
    }
    return declared(queue, declare.no_wait);
}

// What is refused before the arguments are looked at: features that the profile's version wants no longer used.
std::expected<void, Violation> Channel::check_features(const methods::queue::Declare& declare) const {
    if (context().config.deprecated_features == DeprecatedFeatures::permit) return {};
    const auto& denied = context().profile().denied_features;
    const bool transient = !declare.durable && !declare.exclusive;
    if (transient && !denied.transient_nonexcl_queues.empty()) {
        return refuse(ViolationName::deprecated_feature_refused, std::string(denied.transient_nonexcl_queues));
    }
    const bool locator = declare.arguments.find("x-queue-master-locator").has_value();
    if (locator && !denied.queue_master_locator.empty()) {
        return refuse(ViolationName::deprecated_feature_refused, std::string(denied.queue_master_locator));
    }
    return {};
}

Outcome Channel::declare_new(const std::string& name, const methods::queue::Declare& declare) {
    if (auto checked = check_features(declare); !checked) return std::unexpected(checked.error());
    const auto dead_letter = declare.arguments.find(dead_letter_exchange);
    if (dead_letter && !dead_letter->as<LongString>()) {
        return refuse(
            ViolationName::queue_argument_invalid,
            fmt::format(
                "invalid type '{}' for arg '{}' in queue '{}' in vhost '{}'",
                rabbitmq_type_name(*dead_letter),
                dead_letter_exchange,
                name,
                vhost().name()
            )
        );
    }
    if (auto refused = extension::refused_argument(declare.arguments, name, vhost().name())) {
        return refuse(ViolationName::queue_argument_invalid, std::move(*refused));
    }
    const auto octets = declare.arguments.octets();
    model::QueueAttributes attributes{
        .durable = declare.durable && !declare.exclusive,
        .auto_delete = declare.auto_delete,
        .exclusive_owner = std::nullopt,
        .arguments = {octets.begin(), octets.end()},
        .settings = extension::settings_from(declare.arguments),
    };
    if (declare.exclusive) attributes.exclusive_owner = connection_.id();
    return declared(vhost().declare_queue(name, std::move(attributes)), declare.no_wait);
}

Outcome Channel::declared(Queue& queue, bool no_wait) {
    last_queue_ = queue.name();
    vhost().renew(queue);
    if (no_wait) return no_reply();
    return methods::queue::DeclareOk{
        .queue = queue.name(),
        .message_count = static_cast<std::uint32_t>(queue.ready.count()),
        .consumer_count = static_cast<std::uint32_t>(queue.subscribers.count()),
    };
}

Outcome Channel::on(const methods::queue::Purge& purge) {
    const auto queue = queue_to_use(purge.queue.text());
    if (!queue) return std::unexpected(queue.error());
    const auto count = static_cast<std::uint32_t>(vhost().purge(**queue));
    if (purge.no_wait) return no_reply();
    return methods::queue::PurgeOk{.message_count = count};
}

// A queue that is not there counts as deleted.
Outcome Channel::on(const methods::queue::Delete& del) {
    const auto name = queue_name(without_line_ends(del.queue.text()));
    if (!name) return std::unexpected(name.error());
    std::uint32_t count = 0;
    if (auto* queue = vhost().find_queue(*name)) {
        if (queue->exclusive_to_another(connection_.id())) return std::unexpected(queue_locked(*name));
        if (del.if_empty && !queue->ready.empty()) {
            return refuse(
                ViolationName::queue_not_empty, fmt::format("queue '{}' in vhost '{}' not empty", *name, vhost().name())
            );
        }
        if (del.if_unused && !queue->subscribers.empty()) {
            return refuse(
                ViolationName::queue_in_use, fmt::format("queue '{}' in vhost '{}' in use", *name, vhost().name())
            );
        }
        count = static_cast<std::uint32_t>(vhost().delete_queue(*queue, "deleted"));
    }
    if (del.no_wait) return no_reply();
    return methods::queue::DeleteOk{.message_count = count};
}

}  // namespace simbroker::server091
