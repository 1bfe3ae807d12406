// Many seeds, on several threads: runs share nothing, so their outcomes do not depend on how many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/explore/run.hpp"
#include "simbroker/explore/workload.hpp"

namespace simbroker::explore {

struct SeedRange {
    Seed first = 1;
    Seed last = 1;

    std::uint64_t count() const { return last - first + 1; }
    friend bool operator==(const SeedRange&, const SeedRange&) = default;
};

// "1..200", or "7" for one.
std::expected<SeedRange, std::string> seed_range(std::string_view text);

enum class Repeat : std::uint8_t { once, twice };

struct SweepOptions {
    unsigned jobs = 1;
    Repeat repeat = Repeat::once;  // twice: a run that is not like the one before is a finding, "deterministic"
    RunOptions run{};
    // After each seed, on the thread that ran it, one at a time.
    std::function<void(const Outcome&)> done{};
};

// In the order of the seeds.
std::vector<Outcome> sweep(const Workload& workload, SeedRange seeds, const SweepOptions& options = {});

}  // namespace simbroker::explore
