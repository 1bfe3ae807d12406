// exchange.declare and exchange.delete (1.6). Bindings are in binding_handlers.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/extension/alternate_exchange.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/equivalence.hpp"

namespace simbroker::server091 {

using model::Binding;
using model::Exchange;
using model::ExchangeAttributes;
using model::ExchangeType;
using model::Permission;
namespace methods = codec::amqp091;

namespace {

constexpr std::string_view reserved_prefix = "amq.";

ExchangeAttributes attributes_of(const methods::exchange::Declare& declare, ExchangeType type) {
    const auto arguments = declare.arguments.octets();
    return {
        .type = type,
        .durable = declare.durable,
        .auto_delete = declare.auto_delete,
        .internal = declare.internal,
        .arguments = {arguments.begin(), arguments.end()},
    };
}

std::optional<std::string> difference(
    const Exchange& exchange, ExchangeType type, const methods::exchange::Declare& declare, std::string_view vhost
) {
    const Declared entity{"exchange", exchange.name(), vhost};
    const auto& current = exchange.attributes();
    if (type != current.type)
        return inequivalent(entity, "type", extension::to_string(type), extension::to_string(current.type));
    if (auto text = compare(entity, "durable", declare.durable, current.durable)) return text;
    if (auto text = compare(entity, "auto_delete", declare.auto_delete, current.auto_delete)) return text;
    if (auto text = compare(entity, "internal", declare.internal, current.internal)) return text;
    return compare_argument(entity, extension::alternate_exchange_argument, declare.arguments, exchange.arguments());
}

// Letters, digits and - _ . : (domains exchange-name and queue-name of the specification).
bool fits_its_domain(std::string_view name) {
    constexpr std::size_t longest = 127;
    constexpr std::string_view marks = "-_.:";
    const auto fits = [&](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || marks.contains(c);
    };
    return name.size() <= longest && std::ranges::all_of(name, fits);
}

}  // namespace

std::expected<void, Violation> Channel::check_name(ViolationName wrong, std::string_view name) const {
    if (deviations().entity_names == profile::EntityNames::any_text || fits_its_domain(name)) return {};
    return refuse(wrong, fmt::format("name '{}' is not made of letters, digits and - _ . : (at most 127)", name));
}

// The rule named equivalent: type, durable and arguments. That of auto-delete has it ignored if the exchange exists.
std::expected<void, Violation> Channel::check_redeclaration(
    const Exchange& exchange, ExchangeType type, const methods::exchange::Declare& declare
) const {
    if (deviations().redeclared_exchange == profile::RedeclaredExchange::bits_and_known_arguments) {
        auto text = difference(exchange, type, declare, vhost().name());
        if (!text) return {};
        return refuse(ViolationName::exchange_not_equivalent, std::move(*text));
    }
    const Declared entity{"exchange", exchange.name(), vhost().name()};
    const auto& current = exchange.attributes();
    if (type != current.type) {
        auto text = inequivalent(entity, "type", extension::to_string(type), extension::to_string(current.type));
        return refuse(ViolationName::exchange_type_changed, std::move(text));
    }
    auto text = compare(entity, "durable", declare.durable, current.durable);
    if (!text) text = compare_all_arguments(entity, declare.arguments, exchange.arguments());
    if (!text) return {};
    return refuse(ViolationName::exchange_not_equivalent, std::move(*text));
}

Violation Channel::no_such_exchange(std::string_view name) const {
    return {ViolationName::exchange_not_found, fmt::format("no exchange '{}' in vhost '{}'", name, vhost().name())};
}

Violation Channel::unknown_exchange_type(std::string_view type) const {
    const bool fatal =
        context().profile().unknown_exchange_type == profile::UnknownExchangeType::connection_command_invalid;
    return {
        fatal ? ViolationName::unknown_exchange_type_on_connection : ViolationName::unknown_exchange_type,
        fmt::format("unknown exchange type '{}'", type),
    };
}

Violation Channel::exchange_refused(extension::TypeRefusal refusal) const {
    switch (refusal.kind) {
        case extension::TypeRefusal::Kind::precondition_failed: break;
        case extension::TypeRefusal::Kind::unknown_type: return unknown_exchange_type(refusal.text);
        case extension::TypeRefusal::Kind::internal_error: return {ViolationName::internal_failure, "", no_method};
    }
    return {ViolationName::exchange_argument_invalid, std::move(refusal.text)};
}

Violation Channel::default_exchange_protected() {
    return {ViolationName::default_exchange_protected, "operation not permitted on the default exchange"};
}

std::expected<void, Violation> Channel::check_exchange_limit(std::string_view name) const {
    const auto& limit = vhost().limits.max_exchanges;
    if (!limit || vhost().exchanges().size() < *limit) return {};
    return refuse(
        ViolationName::exchange_limit_reached,
        fmt::format(
            "cannot declare exchange '{}' in vhost '{}': exchange limit of {} is reached", name, vhost().name(), *limit
        )
    );
}

// Who forwards reads from the one exchange and writes to the other.
std::expected<void, Violation> Channel::check_alternate_exchange(
    std::string_view name, const methods::exchange::Declare& declare
) const {
    if (auto text = extension::refused_alternate_exchange(declare.arguments, name, vhost().name())) {
        return refuse(ViolationName::exchange_argument_invalid, std::move(*text));
    }
    const auto value = declare.arguments.find(extension::alternate_exchange_argument);
    if (!value) return {};
    if (auto checked = check(Permission::read, {Resource::Kind::exchange, name}); !checked) return checked;
    const auto alternate = value->as<codec::amqp091::LongString>()->text;
    return check(Permission::write, {Resource::Kind::exchange, alternate});
}

Outcome Channel::on(const methods::exchange::Declare& declare) {
    const auto name = without_line_ends(declare.exchange.text());
    const auto done = [&]() -> Outcome {
        if (declare.no_wait) return no_reply();
        return methods::exchange::DeclareOk{};
    };
    if (auto good = check_name(ViolationName::exchange_name_invalid, name); !good) return std::unexpected(good.error());
    if (declare.passive) {
        if (name.empty()) return std::unexpected(default_exchange_protected());
        if (auto checked = connection_.check_any({Resource::Kind::exchange, name}); !checked) {
            return std::unexpected(checked.error());
        }
        if (!vhost().find_exchange(name)) return std::unexpected(no_such_exchange(name));
        return done();
    }
    const auto type = extension::exchange_type(declare.type.text(), context().config);
    if (!type) return std::unexpected(unknown_exchange_type(declare.type.text()));
    if (name.empty()) return std::unexpected(default_exchange_protected());
    if (auto checked = check(Permission::configure, {Resource::Kind::exchange, name}); !checked) {
        return std::unexpected(checked.error());
    }
    if (const auto* existing = vhost().find_exchange(name)) {
        if (auto same = check_redeclaration(*existing, *type, declare); !same) return std::unexpected(same.error());
        return done();
    }
    if (name.starts_with(reserved_prefix)) {
        return refuse(
            ViolationName::exchange_name_reserved,
            fmt::format("exchange name '{}' contains reserved prefix 'amq.*'", name)
        );
    }
    if (auto within = check_exchange_limit(name); !within) return std::unexpected(within.error());
    if (auto good = check_alternate_exchange(name, declare); !good) return std::unexpected(good.error());
    if (auto refusal = extension::refused_declaration(*type, declare.arguments, context().config)) {
        return std::unexpected(exchange_refused(std::move(*refusal)));
    }
    auto attributes = attributes_of(declare, *type);
    if (auto room = check_memory(price_of(name, attributes)); !room) return std::unexpected(room.error());
    vhost().declare_exchange(name, std::move(attributes));
    return done();
}

Outcome Channel::on(const methods::exchange::Delete& del) {
    const auto name = without_line_ends(del.exchange.text());
    if (name.empty()) return std::unexpected(default_exchange_protected());
    if (name.starts_with(reserved_prefix)) {
        return refuse(
            ViolationName::exchange_name_reserved,
            fmt::format("deletion of system exchange '{}' in vhost '{}' not allowed", name, vhost().name())
        );
    }
    if (auto checked = check(Permission::configure, {Resource::Kind::exchange, name}); !checked) {
        return std::unexpected(checked.error());
    }
    const auto* exchange = vhost().find_exchange(name);
    if (!exchange && deviations().missing_entities == profile::MissingEntities::not_found) {
        return std::unexpected(no_such_exchange(name));
    }
    if (exchange && del.if_unused && exchange->has_bindings()) {
        return refuse(
            ViolationName::exchange_in_use, fmt::format("exchange '{}' in vhost '{}' in use", name, vhost().name())
        );
    }
    vhost().delete_exchange(name);  // a missing one is deleted already
    if (del.no_wait) return no_reply();
    return methods::exchange::DeleteOk{};
}

}  // namespace simbroker::server091
