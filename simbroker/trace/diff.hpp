// Where two traces part: the first moment that is not the same, with what led to it.
#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>
#include <string>

#include "simbroker/core/trace.hpp"

namespace simbroker::trace {

enum class Same : std::uint8_t { yes, no };

// Writes "the same: N moments", or the difference: the lines before, then both traces' next ones behind - and +. An
// error says which of the two files it is about.
struct DiffError {
    enum class Which : std::uint8_t { first, second };
    Which which{};
    TraceError error;
};

// Whether instants matter: no two runs by the wall clock have the same.
enum class Times : std::uint8_t { compared, ignored };

// Where clients came from, and in which pieces octets arrived, is never a difference.
std::expected<Same, DiffError> diff(
    std::istream& first, std::istream& second, std::ostream& to, Times times = Times::compared
);

}  // namespace simbroker::trace
