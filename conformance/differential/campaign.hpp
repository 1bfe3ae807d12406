// Many sequences, several at a time, and what came of them.
#pragma once

#include "conformance/differential/duel.hpp"
#include "conformance/differential/generator.hpp"

namespace conformance::differential {

struct CampaignOptions {
    simbroker::Seed seed = 0;
    std::uint64_t first = 0;  // number of the first sequence
    std::uint64_t sequences = 100;
    std::size_t operations = 40;
    unsigned jobs = 1;
    std::size_t most_differences = 1;  // then no new sequence is begun
    std::function<void(std::uint64_t done)> on_progress{};
};

struct Found {
    std::uint64_t number = 0;
    dialogue::Dialogue shortest;
    std::string first;
    std::string second;
};

// Differed in a hurry, not with patience: what was heard in a hurry.
struct Race {
    std::uint64_t number = 0;
    std::string first;
    std::string second;
};

struct CampaignResult {
    std::uint64_t played = 0;
    std::vector<Found> found;
    std::vector<Race> races;
    std::vector<std::string> troubles;
};

CampaignResult run_campaign(const Side& first, const Side& second, const CampaignOptions& options);

}  // namespace conformance::differential
