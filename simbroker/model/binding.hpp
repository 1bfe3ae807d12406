// A rule that leads from an exchange to a queue or to another exchange.
#pragma once

#include <compare>
#include <string>

#include "codec/amqp091/field_table.hpp"
#include "codec/wire/bytes.hpp"

namespace simbroker::model {

struct Destination {
    enum class Kind : std::uint8_t { queue, exchange };
    Kind kind{};
    std::string name;

    friend auto operator<=>(const Destination&, const Destination&) = default;
};

struct Binding {
    Destination destination;
    std::string routing_key;
    codec::wire::Bytes arguments;  // the octets of a field table

    codec::amqp091::FieldTable argument_table() const { return codec::amqp091::FieldTable::trusted(arguments); }

    // Same key and different arguments make different bindings; 1 as int32 and 1 as int64 differ.
    friend bool operator==(const Binding&, const Binding&) = default;
};

}  // namespace simbroker::model
