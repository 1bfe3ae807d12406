// alternate-exchange: an argument of exchange.declare that names where unroutable messages go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::extension {

inline constexpr std::string_view alternate_exchange_argument = "alternate-exchange";

// The empty name never routes: RabbitMQ does not take it for the default exchange here.
std::optional<std::string_view> alternate_exchange(codec::amqp091::FieldTable exchange_arguments);

// RabbitMQ's words if the argument is no string.
std::optional<std::string> refused_alternate_exchange(
    codec::amqp091::FieldTable exchange_arguments, std::string_view exchange, std::string_view vhost
);

}  // namespace simbroker::extension
