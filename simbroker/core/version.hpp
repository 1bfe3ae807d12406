// The version of simbroker itself; CMakeLists.txt, pyproject.toml and CHANGELOG.md say the same.
#pragma once

#include <string_view>

namespace simbroker {

inline constexpr std::string_view version = "0.1.0";

}  // namespace simbroker
