// Where two traces part: the first moment that is not the same, with what led to it.
#pragma once

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

std::expected<Same, DiffError> diff(std::istream& first, std::istream& second, std::ostream& to);

}  // namespace simbroker::trace
