#include "simbroker/model/content.hpp"

#include <algorithm>
#include <cassert>

#include "simbroker/extension/message_ttl.hpp"

namespace simbroker::model {

using codec::amqp091::BasicProperties;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;

void adopt_properties(Message& message, codec::wire::Bytes property_octets) {
    message.property_octets = std::move(property_octets);
    const auto properties = codec::amqp091::decode_properties(message.property_octets);
    assert(properties);
    message.headers = properties->headers.value_or(FieldTable{});
    message.priority = properties->priority;
    message.persistent = properties->delivery_mode == codec::amqp091::persistent_delivery;
    message.expiration.reset();
    if (properties->expiration) {
        if (const auto ttl = extension::parse_expiration(properties->expiration->text())) message.expiration = *ttl;
    }
}

void adopt_properties(Message& message, const BasicProperties& properties) {
    codec::wire::Bytes octets;
    encode(properties, octets);
    adopt_properties(message, std::move(octets));
}

FieldTableBuilder sorted_by_name(FieldTable table) {
    std::vector<std::pair<std::string_view, FieldValue>> fields;
    for (const auto& field : table) fields.push_back(field);
    std::ranges::stable_sort(fields, {}, [](const auto& field) { return field.first; });
    FieldTableBuilder sorted;
    for (const auto& [name, value] : fields) sorted.add(name, value);
    return sorted;
}

}  // namespace simbroker::model
