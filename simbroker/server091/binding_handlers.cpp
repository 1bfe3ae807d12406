// exchange.bind and unbind, queue.bind and unbind: ways from an exchange to an exchange or a queue.
#include <fmt/format.h>

#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/equivalence.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::Destination;
using model::Exchange;
using model::ExchangeType;
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

std::expected<Exchange*, Violation> Channel::binding_source(std::string_view name, const FieldTable& arguments) {
    if (name.empty()) return std::unexpected(default_exchange_protected());
    auto* source = vhost().find_exchange(name);
    if (!source) return std::unexpected(no_such_exchange(name));
    if (auto text = invalid_x_match(*source, arguments))
        return refuse(ViolationName::binding_argument_invalid, std::move(*text));
    return source;
}

Outcome Channel::on(const methods::exchange::Bind& bind) {
    const auto destination = without_line_ends(bind.destination.text());
    if (destination.empty()) return std::unexpected(default_exchange_protected());
    const auto source = binding_source(without_line_ends(bind.source.text()), bind.arguments);
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
    if (destination.empty() || source.empty()) return std::unexpected(default_exchange_protected());
    if (auto* exchange = vhost().find_exchange(source)) {
        vhost().unbind(
            *exchange,
            {{Destination::Kind::exchange, destination}, std::string(unbind.routing_key.text()), copy(unbind.arguments)}
        );
    }
    if (unbind.no_wait) return no_reply();
    return methods::exchange::UnbindOk{};
}

Outcome Channel::on(const methods::queue::Bind& bind) {
    const auto name = queue_name(without_line_ends(bind.queue.text()));
    if (!name) return std::unexpected(name.error());
    const auto source = binding_source(without_line_ends(bind.exchange.text()), bind.arguments);
    if (!source) return std::unexpected(source.error());
    const auto queue = queue_to_use(*name);
    if (!queue) return std::unexpected(queue.error());
    const bool means_last_queue = bind.queue.empty() && bind.routing_key.empty();
    const auto key = means_last_queue ? *name : std::string(bind.routing_key.text());
    vhost().bind(**source, {{Destination::Kind::queue, *name}, key, copy(bind.arguments)});
    if (bind.no_wait) return no_reply();
    return methods::queue::BindOk{};
}

Outcome Channel::on(const methods::queue::Unbind& unbind) {
    const auto name = queue_name(without_line_ends(unbind.queue.text()));
    if (!name) return std::unexpected(name.error());
    const auto source = without_line_ends(unbind.exchange.text());
    if (source.empty()) return std::unexpected(default_exchange_protected());
    const bool means_last_queue = unbind.queue.empty() && unbind.routing_key.empty();
    const auto key = means_last_queue ? *name : std::string(unbind.routing_key.text());
    if (auto* exchange = vhost().find_exchange(source)) {
        vhost().unbind(*exchange, {{Destination::Kind::queue, *name}, key, copy(unbind.arguments)});
    }
    return methods::queue::UnbindOk{};
}

}  // namespace simbroker::server091
