// Messages through the simulated broker in virtual time: published, routed, delivered, acknowledged.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace bench {

struct SimulatedLoad {
    std::uint64_t messages = 1'000'000;
    std::size_t body = 64;       // octets
    std::uint64_t batch = 1000;  // messages the producer sends at a time
};

// Seconds of the wall clock for all of them; an error if not every message was delivered and acknowledged.
std::expected<double, std::string> run_simulated(const SimulatedLoad& load);

}  // namespace bench
