// Class queue (1.7), save for its bindings (binding_handlers.cpp).
#include <fmt/format.h>

#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/equivalence.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using model::Permission;
using model::Queue;
namespace methods = codec::amqp091;

namespace {

constexpr std::string_view reserved_prefix = "amq.";
constexpr std::string_view dead_letter_exchange = "x-dead-letter-exchange";

bool argument_is_no_type(FieldTable arguments, const profile::Profile& profile) {
    const auto value = arguments.find(extension::x_queue_type.name);
    return value && !extension::asks_for_default_type(*value, profile) &&
           extension::x_queue_type.refusal(*value, arguments).has_value();
}

// A type is compared as an argument, or, where it is always stored, with the one a queue has if it asks for none.
std::optional<std::string> difference_of_types(
    const Declared& entity, const Queue& queue, const methods::queue::Declare& declare, const profile::Profile& profile
) {
    const auto& wanted = extension::row_of(extension::type_from(declare.arguments));
    const auto& current = extension::row_of(queue);
    const auto& argument = extension::x_queue_type;
    const bool odd = argument_is_no_type(declare.arguments, profile);
    const auto given = declare.arguments.find(argument.name);
    const auto number = given ? given->as_integer() : std::nullopt;
    if (number && profile.queue_type_argument == profile::QueueTypeArgument::always_stored) {
        return inequivalent(entity, argument.name, std::to_string(*number), current.name);
    }
    if (wanted.type == current.type && !odd) return std::nullopt;
    if (profile.queue_type_argument == profile::QueueTypeArgument::as_given || odd) {
        return compare_argument(entity, argument.name, declare.arguments, queue.arguments());
    }
    return inequivalent(entity, argument.name, wanted.name, current.name);
}

std::optional<std::string> difference(
    const Queue& queue, const methods::queue::Declare& declare, std::string_view vhost, const profile::Profile& profile
) {
    const auto& known = profile.queue_arguments;
    const Declared entity{"queue", queue.name(), vhost};
    const auto& current = queue.attributes();
    const bool durable = declare.durable && !declare.exclusive;  // an exclusive queue is never durable
    if (auto text = compare(entity, "durable", durable, current.durable)) return text;
    if (auto text = compare(entity, "auto_delete", declare.auto_delete, current.auto_delete)) return text;
    if (profile.deviations.redeclared_queue == profile::RedeclaredQueue::all_arguments) {
        return compare_all_arguments(entity, declare.arguments, queue.arguments());
    }
    for (const auto* row : extension::queue_arguments()) {
        if (extension::familiarity(known, row->name, current.type) != extension::Familiarity::known) continue;
        if (row == &extension::x_queue_type) continue;
        if (auto text = compare_argument(entity, row->name, declare.arguments, queue.arguments())) return text;
    }
    // RabbitMQ compares the type last.
    return difference_of_types(entity, queue, declare, profile);
}

// RabbitMQ looks the type up before it makes up a name, and before it checks the arguments.
std::optional<extension::Refusal> server_named(codec::amqp091::FieldTable arguments, const profile::Profile& profile) {
    const auto refused = [](std::string text) {
        return extension::Refusal{ViolationName::queue_argument_invalid, std::move(text)};
    };
    const auto type = extension::type_from(arguments);
    if (type != model::QueueType::classic) {
        return refused(fmt::format("Cannot declare a server-named queue for type {}", extension::row_of(type).module));
    }
    const auto given = arguments.find(extension::x_queue_type.name);
    if (!given || extension::names_a_type(*given, profile)) return std::nullopt;
    const auto kind = profile.server_named_type;
    const bool looks = !given->as<codec::amqp091::Void>() || kind == profile::ServerNamedType::internal_error;
    if (!looks) return std::nullopt;
    if (kind == profile::ServerNamedType::unknown_type) {
        const auto* text = given->as<codec::amqp091::LongString>();
        const auto* flag = given->as<bool>();
        const auto name = text ? text->text : flag ? std::string_view(*flag ? "true" : "false") : std::string_view();
        if (!name.empty()) return refused(fmt::format("unknown queue type '{}'", name));
    }
    return extension::Refusal{ViolationName::failed_inside, ""};
}

std::optional<extension::Refusal> refused_declaration(
    const extension::Subject& subject, model::QueueType type, const methods::queue::Declare& declare
) {
    if (auto refused = extension::refused_argument(subject, type, declare.arguments)) return refused;
    const extension::Declaration declaration{
        .arguments = declare.arguments,
        .durable = declare.durable,
        .exclusive = declare.exclusive,
        .auto_delete = declare.auto_delete,
    };
    return extension::row_of(type).declaration(subject, declaration);
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

// For purge, get and consume.
std::expected<Queue*, Violation> Channel::queue_to_read(std::string_view given) {
    const auto name = queue_name(given);
    if (!name) return std::unexpected(name.error());
    if (auto checked = check(Permission::read, {Resource::Kind::queue, *name}); !checked) {
        return std::unexpected(checked.error());
    }
    return queue_to_use(*name);
}

Outcome Channel::on(const methods::queue::Declare& declare) {
    auto name = without_line_ends(declare.queue.text());
    if (auto answer = declare_reply_queue(name, declare.no_wait)) return *answer;
    if (auto good = check_name(ViolationName::queue_name_invalid, name); !good) return std::unexpected(good.error());
    if (declare.passive) return declare_passively(name, declare.no_wait);
    if (name.empty()) {
        if (auto refused = server_named(declare.arguments, context().profile())) return refuse(*refused);
        name = model::generated_name("amq.gen-", context().names);
    } else if (name.starts_with(reserved_prefix) && !may_declare_reserved(name)) {
        return refuse(
            ViolationName::queue_name_reserved, fmt::format("queue name '{}' contains reserved prefix 'amq.*'", name)
        );
    }
    if (auto checked = check(Permission::configure, {Resource::Kind::queue, name}); !checked) {
        return std::unexpected(checked.error());
    }
    if (auto* existing = vhost().find_queue(name)) return redeclare(*existing, declare);
    return declare_new(name, declare);
}

// The rule named reserved: passively, or if the queue is there.
bool Channel::may_declare_reserved(std::string_view name) const {
    return deviations().reserved_queue_names == profile::ReservedQueueNames::refused_unless_there &&
           vhost().find_queue(name) != nullptr;
}

// Flags and arguments do not matter; the counts are why one asks.
Outcome Channel::declare_passively(std::string_view name, bool no_wait) {
    if (auto checked = connection_.check_any({Resource::Kind::queue, name}); !checked) {
        return std::unexpected(checked.error());
    }
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
    if (auto text = difference(queue, declare, vhost().name(), context().profile())) {
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
    const bool locator = extension::type_from(declare.arguments) == model::QueueType::classic &&
                         declare.arguments.find("x-queue-master-locator").has_value();
    if (locator && !denied.queue_master_locator.empty()) {
        return refuse(ViolationName::deprecated_feature_refused, std::string(denied.queue_master_locator));
    }
    return {};
}

std::expected<void, Violation> Channel::check_queue_limit(std::string_view name) const {
    const auto& limit = vhost().limits.max_queues;
    if (!limit || vhost().queues().size() < *limit) return {};
    return refuse(
        ViolationName::queue_limit_reached,
        fmt::format(
            "cannot declare queue '{}': queue limit in vhost '{}' ({}) is reached", name, vhost().name(), *limit
        )
    );
}

// Who dead-letters reads from the queue and writes to the exchange.
std::expected<void, Violation> Channel::check_dead_letter_exchange(
    const std::string& queue, const methods::queue::Declare& declare
) const {
    const auto value = declare.arguments.find(dead_letter_exchange);
    if (!value) return {};
    if (const auto* exchange = value->as<LongString>()) {
        if (auto checked = check(Permission::read, {Resource::Kind::queue, queue}); !checked) return checked;
        return check(Permission::write, {Resource::Kind::exchange, exchange->text});
    }
    return refuse(
        ViolationName::queue_argument_invalid,
        fmt::format(
            "invalid type '{}' for arg '{}' in queue '{}' in vhost '{}'",
            rabbitmq_type_name(*value),
            dead_letter_exchange,
            queue,
            vhost().name()
        )
    );
}

Outcome Channel::declare_new(const std::string& name, const methods::queue::Declare& declare) {
    if (auto checked = check_features(declare); !checked) return std::unexpected(checked.error());
    if (auto within = check_queue_limit(name); !within) return std::unexpected(within.error());
    if (auto good = check_dead_letter_exchange(name, declare); !good) return std::unexpected(good.error());
    const auto type = extension::type_from(declare.arguments);
    if (auto refused = refused_declaration(subject(name), type, declare)) return refuse(*refused);
    const auto octets = declare.arguments.octets();
    model::QueueAttributes attributes{
        .type = type,
        .durable = declare.durable && !declare.exclusive,
        .auto_delete = declare.auto_delete,
        .exclusive_owner = std::nullopt,
        .arguments = {octets.begin(), octets.end()},
        .settings = extension::settings_from(declare.arguments),
    };
    if (declare.exclusive) attributes.exclusive_owner = connection_.id();
    if (auto room = check_memory(price_of(name, attributes)); !room) return std::unexpected(room.error());
    return declared(vhost().declare_queue(name, std::move(attributes)), declare.no_wait);
}

Outcome Channel::declared(Queue& queue, bool no_wait) {
    last_queue_ = queue.name();
    vhost().renew(queue);
    if (no_wait) return no_reply();
    return methods::queue::DeclareOk{
        .queue = queue.name(),
        .message_count = static_cast<std::uint32_t>(queue.message_count()),
        .consumer_count = static_cast<std::uint32_t>(queue.consumer_count()),
    };
}

Outcome Channel::on(const methods::queue::Purge& purge) {
    const auto queue = queue_to_read(purge.queue.text());
    if (!queue) return std::unexpected(queue.error());
    if (auto refused = extension::row_of(**queue).purge(subject((*queue)->name()))) return refuse(*refused);
    const auto count = static_cast<std::uint32_t>(vhost().purge(**queue));
    if (purge.no_wait) return no_reply();
    return methods::queue::PurgeOk{.message_count = count};
}

// For RabbitMQ a queue that is not there counts as deleted.
Outcome Channel::on(const methods::queue::Delete& del) {
    const auto name = queue_name(without_line_ends(del.queue.text()));
    if (!name) return std::unexpected(name.error());
    if (auto checked = check(Permission::configure, {Resource::Kind::queue, *name}); !checked) {
        return std::unexpected(checked.error());
    }
    std::uint32_t count = 0;
    auto* queue = vhost().find_queue(*name);
    if (!queue && deviations().missing_entities == profile::MissingEntities::not_found) {
        return std::unexpected(no_such_queue(*name));
    }
    if (queue) {
        if (queue->exclusive_to_another(connection_.id())) return std::unexpected(queue_locked(*name));
        const extension::Deletion deletion{.if_unused = del.if_unused, .if_empty = del.if_empty};
        if (auto refused = extension::row_of(*queue).deletion(subject(*name), *queue, deletion))
            return refuse(*refused);
        count = static_cast<std::uint32_t>(vhost().delete_queue(*queue, "deleted"));
    }
    if (del.no_wait) return no_reply();
    return methods::queue::DeleteOk{.message_count = count};
}

}  // namespace simbroker::server091
