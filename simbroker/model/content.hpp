// Giving a message its properties: the octets that travel, and the few values the broker itself reads out of them.
#pragma once

#include "codec/amqp091/properties.hpp"
#include "simbroker/model/message.hpp"

namespace simbroker::model {

// `property_octets` were decoded before, so they decode.
void adopt_properties(Message& message, codec::wire::Bytes property_octets);
void adopt_properties(Message& message, const codec::amqp091::BasicProperties& properties);

// Octet order of the names, equal names in their old order; nested tables stay as they are.
codec::amqp091::FieldTableBuilder sorted_by_name(codec::amqp091::FieldTable table);

}  // namespace simbroker::model
