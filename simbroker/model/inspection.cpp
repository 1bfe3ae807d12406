#include "simbroker/model/inspection.hpp"

#include <nlohmann/json.hpp>

#include "codec/amqp091/json.hpp"
#include "codec/amqp091/properties.hpp"
#include "codec/wire/hex.hpp"
#include "codec/wire/utf8.hpp"

namespace simbroker::model {

using nlohmann::json;

json octets_to_json(codec::wire::BytesView octets) {
    const auto text = codec::wire::as_text(octets);
    if (codec::wire::is_utf8(text)) return std::string(text);
    return {{"hex", codec::wire::to_hex(octets)}};
}

json arguments_to_json(codec::amqp091::FieldTable arguments) {
    return codec::amqp091::to_json(arguments, codec::amqp091::JsonForm::readable);
}

json message_row(const Message& message) {
    const auto properties = codec::amqp091::decode_properties(message.property_octets);
    json row{
        {"exchange", message.exchange},
        {"routing_key", message.routing_key()},
        {"body", octets_to_json(message.body)},
        {"body_size", message.body.size()},
        {"properties", json::object()},
    };
    if (properties) row["properties"] = codec::amqp091::to_json(*properties, codec::amqp091::JsonForm::readable);
    return row;
}

json message_row(const QueuedMessage& queued) {
    auto row = message_row(*queued.message);
    row["position"] = queued.position;
    row["priority"] = queued.priority;
    row["redelivered"] = queued.redelivered;
    row["expires_at"] = json();
    if (queued.expires_at) {
        row["expires_at"] = std::chrono::duration<double>(queued.expires_at->time_since_epoch()).count();
    }
    return row;
}

}  // namespace simbroker::model
