// What a stage with the simulated broker on it is told for one scenario.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "simbroker/core/prng.hpp"

namespace conformance::runner {

struct StageOptions {
    simbroker::Seed seed = 0;                          // the broker's
    std::optional<std::filesystem::path> trace{};      // what the broker does is recorded in this file
    nlohmann::json broker = nlohmann::json::object();  // what the scenario wants configured otherwise
};

}  // namespace conformance::runner
