// What an operator sees of messages and of connections: rows of JSON, as operation::List gives them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/model/message.hpp"

namespace simbroker::model {

using Rows = std::vector<nlohmann::json>;

// A connection that is open. Each front-end tells of its own.
class Inspectable {
public:
    virtual ~Inspectable() = default;

    virtual void describe(nlohmann::json& row) const = 0;  // columns beside those of the session
    virtual void add_channels(Rows& rows) const = 0;
    virtual void add_consumers(Rows& rows) const = 0;
    // Of this queue, or of all if it has no name.
    virtual void add_unacknowledged(Rows& rows, std::string_view queue) const = 0;
};

// Text, or {"hex": "00ff"} where octets are none: the notation of scenarios.
nlohmann::json octets_to_json(codec::wire::BytesView octets);
nlohmann::json arguments_to_json(codec::amqp091::FieldTable arguments);

// Where it was published to, its properties and its body; and its place in the queue.
nlohmann::json message_row(const Message& message);
nlohmann::json message_row(const QueuedMessage& message);

}  // namespace simbroker::model
