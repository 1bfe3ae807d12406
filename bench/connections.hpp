// Many clients of one `simbroker serve` that only keep their connections alive.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bench {

struct ManyOptions {
    int connections = 10'000;
    std::uint16_t heartbeat = 4;  // seconds, as tuned: one is due every half of it
    int seconds = 12;             // watched
};

struct ManyResult {
    double kilobytes_each = 0;     // resident memory of the broker, more than before, for each connection
    double longest_silence = 0;    // seconds between two heartbeats of one connection
    std::uint64_t heartbeats = 0;  // that came
};

// Every connection has a channel and sends and gets heartbeats; an error if the broker closes one of them.
std::expected<ManyResult, std::string> keep_many(const std::string& simbroker, const ManyOptions& options);

}  // namespace bench
