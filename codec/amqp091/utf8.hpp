// Short strings are UTF-8 (4.2.5.3). The decoder lets any octets through; whoever cares asks here.
#pragma once

#include "codec/amqp091/methods.hpp"

namespace codec::amqp091 {

bool has_malformed_short_string(const Method& method);

}  // namespace codec::amqp091
