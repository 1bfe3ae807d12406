// Work in a process of its own: what crashes there, never ends or eats up the memory is told, and costs nothing here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace conformance::fuzz {

struct Limits {
    std::chrono::milliseconds silence = std::chrono::seconds(10);  // without a line
    std::size_t memory = std::size_t{1} << 30;                     // beyond what it begins with
};

struct IsolatedRun {
    std::string said;                  // the lines of the work
    std::optional<std::string> death;  // how it came to a bad end, with the last of its stderr
};

using Say = std::function<void(const std::string& line)>;

IsolatedRun run_isolated(const std::function<void(const Say&)>& work, const Limits& limits = {});

}  // namespace conformance::fuzz
