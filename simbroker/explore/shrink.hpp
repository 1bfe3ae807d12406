// Makes a plan that breaks an invariant as small as it gets: leaves out mishaps, clients, steps and queues, and makes
// time short, as long as the same invariant breaks.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/explore/run.hpp"

namespace simbroker::explore {

struct Shrunk {
    Plan plan;
    Finding finding;
    std::size_t runs = 0;
};

struct ShrinkOptions {
    RunOptions run{};
    std::size_t most_runs = 3000;
};

// Nothing: the plan breaks no invariant.
std::optional<Shrunk> shrink(const Plan& plan, const ShrinkOptions& options = {});

// Writes explore-SEED.plan.json, explore-SEED.trace and test_explore_SEED.py into a directory that exists; their names,
// or what could not be written.
std::expected<std::vector<std::filesystem::path>, std::string> write_reproduction(
    const std::filesystem::path& directory, const Shrunk& shrunk, const RunOptions& options = {}
);

}  // namespace simbroker::explore
