// Declaring again what exists already: RabbitMQ's comparison and its words for a difference.
#pragma once

#include <optional>
#include <string>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::server091 {

struct Declared {
    std::string_view kind;  // "queue" or "exchange"
    std::string_view name;
    std::string_view vhost;
};

// "inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current is 'false'"
std::string inequivalent(
    const Declared& entity, std::string_view argument, std::string_view received, std::string_view current
);
std::optional<std::string> compare(const Declared& entity, std::string_view argument, bool received, bool current);

// Integers of any type compare by value.
std::optional<std::string> compare_argument(
    const Declared& entity,
    std::string_view argument,
    codec::amqp091::FieldTable received,
    codec::amqp091::FieldTable current
);

// Every argument that either table has, in the order of their names.
std::optional<std::string> compare_all_arguments(
    const Declared& entity, codec::amqp091::FieldTable received, codec::amqp091::FieldTable current
);

// Names in declarations and bindings lose CR and LF.
std::string without_line_ends(std::string_view name);

}  // namespace simbroker::server091
