// exchange.bind and unbind, queue.bind and unbind: ways from an exchange to an exchange or a queue.
#include <fmt/format.h>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/equivalence.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::Destination;
using model::Exchange;
using model::ExchangeType;
using model::Permission;
namespace methods = codec::amqp091;

namespace {

codec::wire::Bytes copy(FieldTable table) { return {table.octets().begin(), table.octets().end()}; }

std::string term_of(const FieldValue& value) {
    if (const auto* text = value.as<LongString>()) return erlang_text_or_octets(codec::wire::as_bytes(text->text));
    if (value.as<methods::Void>()) return "undefined";
    return to_string(value).substr(1);
}

// Only a headers exchange looks at the arguments of a binding.
std::optional<std::string> invalid_x_match(const Exchange& source, FieldTable arguments) {
    if (source.attributes().type != ExchangeType::headers) return std::nullopt;
    const auto value = arguments.find("x-match");
    if (!value) return std::nullopt;
    const auto* mode = value->as<LongString>();
    if (!mode) {
        return fmt::format(
            "Invalid x-match field type {} (value {}); expected longstr", rabbitmq_type_name(*value), term_of(*value)
        );
    }
    for (const auto known : {"all", "any", "all-with-x", "any-with-x"}) {
        if (mode->text == known) return std::nullopt;
    }
    return fmt::format("Invalid x-match field value {}; expected all, any, all-with-x, or any-with-x", term_of(*value));
}

}  // namespace

// To bind is to write to the destination and to read from the source; the default exchange is out of reach in between.
std::expected<void, Violation> Channel::check_binding(
    Destination::Kind kind, std::string_view destination, std::string_view source, std::string_view key
) const {
    const bool to_queue = kind == Destination::Kind::queue;
    const Resource target{to_queue ? Resource::Kind::queue : Resource::Kind::exchange, destination};
    if (auto checked = connection_.check(Permission::write, target); !checked) return checked;
    if (source.empty() || (!to_queue && destination.empty())) return std::unexpected(default_exchange_protected());
    if (auto checked = connection_.check(Permission::read, {Resource::Kind::exchange, source}); !checked)
        return checked;
    const auto* exchange = vhost().find_exchange(source);
    if (!exchange) return {};
    return connection_.check_topic(Permission::read, *exchange, key);
}

std::expected<Exchange*, Violation> Channel::binding_source(std::string_view name, const FieldTable& arguments) {
    auto* source = vhost().find_exchange(name);
    if (!source) return std::unexpected(no_such_exchange(name));
    if (auto text = invalid_x_match(*source, arguments))
        return refuse(ViolationName::binding_argument_invalid, std::move(*text));
    return source;
}

Outcome Channel::on(const methods::exchange::Bind& bind) {
    const auto destination = without_line_ends(bind.destination.text());
    const auto name = without_line_ends(bind.source.text());
    if (auto checked = check_binding(Destination::Kind::exchange, destination, name, bind.routing_key.text());
        !checked) {
        return std::unexpected(checked.error());
    }
    const auto source = binding_source(name, bind.arguments);
    if (!source) return std::unexpected(source.error());
    if (!vhost().find_exchange(destination)) return std::unexpected(no_such_exchange(destination));
    vhost().bind(
        **source,
        {{Destination::Kind::exchange, destination}, std::string(bind.routing_key.text()), copy(bind.arguments)}
    );
    if (bind.no_wait) return no_reply();
    return methods::exchange::BindOk{};
}

// Undoing what is not there succeeds.
Outcome Channel::on(const methods::exchange::Unbind& unbind) {
    const auto destination = without_line_ends(unbind.destination.text());
    const auto source = without_line_ends(unbind.source.text());
    const auto key = unbind.routing_key.text();
    if (auto checked = check_binding(Destination::Kind::exchange, destination, source, key); !checked) {
        return std::unexpected(checked.error());
    }
    if (auto* exchange = vhost().find_exchange(source)) {
        vhost().unbind(
            *exchange, {{Destination::Kind::exchange, destination}, std::string(key), copy(unbind.arguments)}
        );
    }
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
    const auto source = binding_source(exchange, bind.arguments);
    if (!source) return std::unexpected(source.error());
    const auto queue = queue_to_use(*name);
    if (!queue) return std::unexpected(queue.error());
    vhost().bind(**source, {{Destination::Kind::queue, *name}, key, copy(bind.arguments)});
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
    if (auto* exchange = vhost().find_exchange(source)) {
        vhost().unbind(*exchange, {{Destination::Kind::queue, *name}, key, copy(unbind.arguments)});
    }
    return methods::queue::UnbindOk{};
}

}  // namespace simbroker::server091
