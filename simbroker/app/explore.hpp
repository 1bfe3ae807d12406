// `simbroker explore` and `simbroker shrink`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace simbroker::app {

// What a workload file says, and what the command line says instead; empty or nothing means not given.
struct WorkloadArguments {
    std::string file{};
    std::string profile{};
    std::optional<std::uint32_t> minutes{};
    std::optional<std::uint32_t> clients{};
};

struct ExploreArguments {
    WorkloadArguments workload{};
    std::string seeds = "1..100";
    unsigned jobs = 0;  // 0: one for each processor
    bool check_determinism = false;
    bool print_hashes = false;
    std::string plan{};  // a file: run this instead of seeds
};

// The exit status: 0 if every invariant held, 1 if one did not, 2 for a call that makes no sense.
int explore(const ExploreArguments&);

struct ShrinkArguments {
    WorkloadArguments workload{};
    std::uint64_t seed = 0;
    std::string directory = ".";
};

// The exit status: 0 if the seed breaks nothing, 1 if it does and files were written, 2 for a call that makes no sense.
int shrink(const ShrinkArguments&);

}  // namespace simbroker::app
