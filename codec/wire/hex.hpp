// Octets as hexadecimal text and back: what people read and write in scenarios, corpora and JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec/wire/bytes.hpp"

namespace codec::wire {

std::string to_hex(BytesView octets);  // lower case, nothing between

// Nothing unless `text` is pairs of hexadecimal digits, in either case, with or without blanks between the pairs.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace codec::wire
