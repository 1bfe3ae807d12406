// Short strings are UTF-8 (4.2.5.3). The decoder lets any octets through; whoever cares asks here.
#pragma once

#include <string_view>

#include "codec/amqp091/methods.hpp"

namespace codec::amqp091 {

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

bool has_malformed_short_string(const Method& method);

}  // namespace codec::amqp091
