// exchange.bind and unbind, queue.bind and unbind: ways from an exchange to an exchange or a queue.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/equivalence.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using model::Binding;
using model::Destination;
using model::Exchange;
using model::Permission;
namespace methods = codec::amqp091;

namespace {

codec::wire::Bytes copy(FieldTable table) { return {table.octets().begin(), table.octets().end()}; }

}  // namespace

// To bind is to write to the destination and to read from the source; the default exchange is out of reach in between.
std::expected<void, Violation> Channel::check_binding(
    Destination::Kind kind, std::string_view destination, std::string_view source, std::string_view key
) const {
    const bool to_queue = kind == Destination::Kind::queue;
    const Resource target{to_queue ? Resource::Kind::queue : Resource::Kind::exchange, destination};
    if (auto checked = check(Permission::write, target); !checked) return checked;
    const bool bindable = to_queue && deviations().default_exchange == profile::DefaultExchange::bindable;
    if ((source.empty() && !bindable) || (!to_queue && destination.empty())) {
        return std::unexpected(default_exchange_protected());
    }
    if (auto checked = check(Permission::read, {Resource::Kind::exchange, source}); !checked) return checked;
    const auto* exchange = vhost().find_exchange(source);
    if (!exchange) return {};
    return check_topic(Permission::read, *exchange, key);
}

std::expected<Exchange*, Violation> Channel::binding_source(std::string_view name) {
    auto* source = vhost().find_exchange(name);
    if (!source) return std::unexpected(no_such_exchange(name));
    return source;
}

// Every queue is bound to the default exchange by its name from the beginning, and to the end (3.1.3.1).
bool Channel::is_fixed(std::string_view source, const Binding& binding) {
    return source.empty() && binding.routing_key == binding.destination.name;
}

// Undoing what is not there succeeds for RabbitMQ. By the rules of queue.unbind the ends have to be there (404), and
// what fails besides is an error of the connection.
std::expected<void, Violation> Channel::check_owner(const Destination& destination) {
    if (destination.kind != Destination::Kind::queue) return {};
    const auto* queue = vhost().find_queue(destination.name);
    if (!queue || !queue->exclusive_to_another(connection_.id())) return {};
    return std::unexpected(queue_locked(destination.name));
}

std::expected<void, Violation> Channel::unbind(std::string_view source, const Binding& binding) {
    const bool strict = deviations().missing_entities == profile::MissingEntities::not_found;
    auto* exchange = vhost().find_exchange(source);
    if (strict && !exchange) return std::unexpected(no_such_exchange(source));
    if (strict && binding.destination.kind == Destination::Kind::queue) {
        if (auto queue = queue_to_use(binding.destination.name); !queue) return std::unexpected(queue.error());
    }
    if (is_fixed(source, binding)) {
        return refuse(
            ViolationName::default_binding_fixed, "a queue stays bound to the default exchange by its own name"
        );
    }
    // What is not bound is unbound already, even from a queue of another connection.
    const bool bound = exchange && std::ranges::find(exchange->bindings(), binding) != exchange->bindings().end();
    if (auto own = check_owner(binding.destination); bound && !own) return own;
    const bool unbound = exchange && vhost().unbind(*exchange, binding);
    if (unbound || !strict) return {};
    return refuse(
        ViolationName::binding_not_found,
        fmt::format(
            "no binding '{}' between exchange '{}' and queue '{}' in vhost '{}'",
            binding.routing_key,
            source,
            binding.destination.name,
            vhost().name()
        )
    );
}

// Both ends are there; what is left to ask is whether the type of the source takes the binding.
std::expected<void, Violation> Channel::bind(Exchange& source, const Binding& binding) {
    if (is_fixed(source.name(), binding)) return check_owner(binding.destination);
    const auto* queue =
        binding.destination.kind == Destination::Kind::queue ? vhost().find_queue(binding.destination.name) : nullptr;
    const extension::BindingRequest request{
        .source = source.attributes(),
        .destination = binding.destination.kind,
        .queue_arguments = queue ? queue->arguments() : FieldTable{},
        .routing_key = binding.routing_key,
        .arguments = binding.argument_table(),
    };
    if (auto text = extension::refused_binding(request, context().config)) {
        return refuse(ViolationName::binding_argument_invalid, std::move(*text));
    }
    // Whose queue it is comes after what is wrong with the binding (observed on all versions: 4.3.6, 4.0.5, 3.10.8).
    if (auto own = check_owner(binding.destination); !own) return own;
    if (auto room = check_memory(price_of(binding)); !room) return room;
    if (vhost().bind(source, binding) == model::History::passed_on) return {};
    if (context().profile().exchange_types.unroutable_history ==
        profile::UnroutableHistory::internal_error_without_words) {
        return std::unexpected(Violation{ViolationName::internal_failure, "", no_method});
    }
    return refuse(ViolationName::internal_failure, "could not find queue/exchange ''");
}

Outcome Channel::on(const methods::exchange::Bind& bind) {
    const auto destination = without_line_ends(bind.destination.text());
    const auto name = without_line_ends(bind.source.text());
    if (auto checked = check_binding(Destination::Kind::exchange, destination, name, bind.routing_key.text());
        !checked) {
        return std::unexpected(checked.error());
    }
    const auto source = binding_source(name);
    if (!source) return std::unexpected(source.error());
    if (!vhost().find_exchange(destination)) return std::unexpected(no_such_exchange(destination));
    const auto bound = this->bind(
        **source,
        {{Destination::Kind::exchange, destination}, std::string(bind.routing_key.text()), copy(bind.arguments)}
    );
    if (!bound) return std::unexpected(bound.error());
    if (bind.no_wait) return no_reply();
    return methods::exchange::BindOk{};
}

Outcome Channel::on(const methods::exchange::Unbind& unbind) {
    const auto destination = without_line_ends(unbind.destination.text());
    const auto source = without_line_ends(unbind.source.text());
    const auto key = unbind.routing_key.text();
    if (auto checked = check_binding(Destination::Kind::exchange, destination, source, key); !checked) {
        return std::unexpected(checked.error());
    }
    const auto unbound =
        this->unbind(source, {{Destination::Kind::exchange, destination}, std::string(key), copy(unbind.arguments)});
    if (!unbound) return std::unexpected(unbound.error());
    if (unbind.no_wait) return no_reply();
    return methods::exchange::UnbindOk{};
}

Outcome Channel::on(const methods::queue::Bind& bind) {
    const auto name = queue_name(without_line_ends(bind.queue.text()));
    if (!name) return std::unexpected(name.error());
    const bool means_last_queue = bind.queue.empty() && bind.routing_key.empty();
    const auto key = means_last_queue ? *name : std::string(bind.routing_key.text());
    const auto exchange = without_line_ends(bind.exchange.text());
    if (auto checked = check_binding(Destination::Kind::queue, *name, exchange, key); !checked) {
        return std::unexpected(checked.error());
    }
    const auto source = binding_source(exchange);
    if (!source) return std::unexpected(source.error());
    if (!vhost().find_queue(*name)) return std::unexpected(no_such_queue(*name));
    const auto bound = this->bind(**source, {{Destination::Kind::queue, *name}, key, copy(bind.arguments)});
    if (!bound) return std::unexpected(bound.error());
    if (bind.no_wait) return no_reply();
    return methods::queue::BindOk{};
}

Outcome Channel::on(const methods::queue::Unbind& unbind) {
    const auto name = queue_name(without_line_ends(unbind.queue.text()));
    if (!name) return std::unexpected(name.error());
    const auto source = without_line_ends(unbind.exchange.text());
    const bool means_last_queue = unbind.queue.empty() && unbind.routing_key.empty();
    const auto key = means_last_queue ? *name : std::string(unbind.routing_key.text());
    if (auto checked = check_binding(Destination::Kind::queue, *name, source, key); !checked) {
        return std::unexpected(checked.error());
    }
    const auto unbound = this->unbind(source, {{Destination::Kind::queue, *name}, key, copy(unbind.arguments)});
    if (!unbound) return std::unexpected(unbound.error());
    return methods::queue::UnbindOk{};
}

}  // namespace simbroker::server091
