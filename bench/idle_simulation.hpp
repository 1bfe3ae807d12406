// Connections that do nothing but send heartbeats, in virtual time.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bench {

struct IdleResult {
    double seconds = 0;            // of the wall clock
    std::uint64_t heartbeats = 0;  // both ways
};

struct IdleOptions {
    int days = 30;
    int connections = 1;
};

// Heartbeats every 30 s (half of 60 s) both ways, for so many days; an error if a connection does not live to the end.
std::expected<IdleResult, std::string> idle(const IdleOptions& options);

}  // namespace bench
