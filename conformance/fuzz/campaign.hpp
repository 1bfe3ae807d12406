// Many cases against one peer; what goes wrong is made small, saved as a scenario, and played once more from the file.
#pragma once

#include <filesystem>
#include <functional>

#include "conformance/catalogue/loader.hpp"
#include "conformance/fuzz/target.hpp"

namespace conformance::fuzz {

struct Finding {
    std::uint64_t number = 0;
    std::string text{};                  // what went wrong
    std::optional<std::string> alone{};  // what went wrong when the scenario in the file was played alone
    std::filesystem::path file{};
    std::string id{};  // of the scenario
};

struct CampaignOptions {
    std::uint64_t first = 0;
    std::uint64_t cases = 1000;
    unsigned jobs = 1;
    std::size_t most_findings = 1;                          // then no new cases are begun
    std::size_t most_plays = 300;                           // of one finding, to make it small
    std::filesystem::path folder{};                         // where findings are saved
    std::string peer{};                                     // in the names of their scenarios
    std::function<void(std::uint64_t done)> on_progress{};  // of all jobs, one at a time
    std::function<void(const Finding&)> on_finding{};
};

struct CampaignResult {
    std::uint64_t played = 0;
    std::vector<Finding> found;  // in the order of their numbers
    std::vector<std::string> troubles;
};

CampaignResult run_campaign(const TargetMaker&, const CampaignOptions&);

}  // namespace conformance::fuzz
