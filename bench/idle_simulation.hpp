// A connection that does nothing but send heartbeats, in virtual time.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bench {

struct IdleResult {
    double seconds = 0;  // of the wall clock
    std::uint64_t heartbeats_sent = 0;
    std::uint64_t heartbeats_received = 0;
};

// Heartbeats every 30 s (half of 60 s) both ways, for so many days; an error if the connection does not live to the
// end.
std::expected<IdleResult, std::string> idle(int days);

}  // namespace bench
