// A value of a field table as io:format's ~p writes what RabbitMQ decodes it to, for the texts that quote one.
#pragma once

#include <string>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::extension {

std::string erlang_value(const codec::amqp091::FieldValue& value);

}  // namespace simbroker::extension
