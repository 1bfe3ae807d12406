// One exploration from beginning to end: the storm, the calm, the last count.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>

#include "simbroker/core/config.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/explore/invariant.hpp"
#include "simbroker/explore/plan.hpp"

namespace simbroker::explore {

struct Outcome {
    Seed seed = 0;
    std::optional<Finding> finding{};
    std::uint64_t hash = 0;  // TraceHash of all the broker's outputs
    Duration virtual_time{};
    std::uint32_t clients = 0;
    std::uint64_t published = 0;
    std::uint64_t confirmed = 0;
    std::uint64_t delivered = 0;
    std::uint64_t mishaps = 0;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct RunOptions {
    // The broker to explore; empty: Broker.
    std::function<std::unique_ptr<Machine>(const BrokerConfig&, Seed)> machine{};
    std::ostream* trace = nullptr;  // gets a trace of the run
};

// The same outcome for the same plan, on any machine.
Outcome run(const Plan& plan, const RunOptions& options = {});

// {"seed":7,"hash":"0123456789abcdef","client_seconds":960.0,...,"finding":{"invariant":...}}
std::string to_json(const Outcome& outcome);

}  // namespace simbroker::explore
