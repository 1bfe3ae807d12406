// What a mistyped word was meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conformance::catalogue {

// The word among `known` that the fewest slips of the finger lead to; nothing if none is near.
std::optional<std::string> closest(std::string_view typed, const std::vector<std::string>& known);

// "; did you mean 'queue.declare'?", or nothing.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

}  // namespace conformance::catalogue
