#include "codec/wire/decode_error.hpp"

#include <fmt/format.h>

namespace codec::wire {

std::string to_string(const DecodeError& error) {
    return fmt::format("at octet {}: expected {}", error.offset, error.expected);
}

}  // namespace codec::wire
