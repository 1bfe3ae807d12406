// Sender-selected distribution: the headers CC and BCC hold further routing keys; BCC does not reach a consumer.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "codec/amqp091/field_table.hpp"

namespace simbroker::extension {

inline constexpr std::string_view cc_header = "CC";
inline constexpr std::string_view bcc_header = "BCC";

// The strings of an array header; elements of other types are passed over. A header that is no array is an error: the
// text is the Erlang term of RabbitMQ's "invalid message: ".
std::expected<std::vector<std::string>, std::string> selected_keys(
    codec::amqp091::FieldTable headers, std::string_view header
);

}  // namespace simbroker::extension
