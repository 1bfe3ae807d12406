#include "simbroker/extension/alternate_exchange.hpp"

#include <fmt/format.h>

namespace simbroker::extension {

std::optional<std::string_view> alternate_exchange(codec::amqp091::FieldTable exchange_arguments) {
    const auto value = exchange_arguments.find(alternate_exchange_argument);
    if (!value) return std::nullopt;
    const auto* name = value->as<codec::amqp091::LongString>();
    if (!name || name->text.empty()) return std::nullopt;
    return name->text;
}

std::optional<std::string> refused_alternate_exchange(
    codec::amqp091::FieldTable exchange_arguments, std::string_view exchange, std::string_view vhost
) {
    const auto value = exchange_arguments.find(alternate_exchange_argument);
    if (!value || value->as<codec::amqp091::LongString>()) return std::nullopt;
    return fmt::format(
        "invalid type '{}' for arg '{}' in exchange '{}' in vhost '{}'",
        rabbitmq_type_name(*value),
        alternate_exchange_argument,
        exchange,
        vhost
    );
}

}  // namespace simbroker::extension
