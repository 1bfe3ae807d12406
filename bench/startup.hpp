// How long a program takes until it says "ready", and how much memory it then holds.
#pragma once

#include <expected>
#include <string>

namespace bench {

struct Startup {
    double milliseconds = 0;  // from fork to the line on standard output
    double megabytes = 0;     // resident, a moment later
};

std::expected<Startup, std::string> start_and_measure(const std::string& simbroker);

}  // namespace bench
