// Whether octets are UTF-8 (RFC 3629: shortest form, no surrogates, nothing above U+10FFFF). AMQP says short strings
// are (4.2.5.3), peers do not always agree, and JSON can carry nothing else.
#pragma once

#include <string_view>

namespace codec::wire {

bool is_utf8(std::string_view text);

}  // namespace codec::wire
