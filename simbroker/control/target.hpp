// The target of a request, taken apart: the path, and the names and values of the query (RFC 3986).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simbroker::control {

struct Target {
    std::string path;                                          // as it came
    std::vector<std::pair<std::string, std::string>> query{};  // decoded
};

// Nothing where an escape is broken.
std::optional<Target> parse_target(std::string_view target);

struct Match {
    std::vector<std::pair<std::string, std::string>> variables{};  // decoded
};

// "/connections/{connection}" matches "/connections/3".
std::optional<Match> match_path(std::string_view pattern, std::string_view path);

}  // namespace simbroker::control
