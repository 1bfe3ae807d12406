// Many scenarios, one after the other or several at a time, each on a stage of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/runner/deviation.hpp"
#include "conformance/runner/run_scenario.hpp"
#include "conformance/runner/stage_options.hpp"

namespace conformance::runner {

// A fresh stage, or why there is none.
using StageMaker = std::function<std::expected<std::unique_ptr<step::Stage>, std::string>(const StageOptions&)>;

// One scenario on stages that it makes itself, without the verdict of the lists.
using CaseRunner = std::function<Result(const catalogue::Scenario&, const RunOptions&, const StageOptions&)>;

// On one stage, once.
CaseRunner run_once_on(StageMaker);

// Whether a broker is one for all scenarios. Then those that turn its operator's knobs run when no other does.
enum class Sharing : std::uint8_t { one_for_each, one_for_all };

struct SuiteOptions {
    CaseRunner run_case;
    std::vector<Deviation> deviations{};
    Standard standard = Standard::usual;
    std::string prefix;  // of this run; each scenario adds its number
    step::Duration patience = step::Conversation::default_patience;
    unsigned jobs = 1;
    Sharing sharing = Sharing::one_for_each;
    simbroker::Seed seed = 0;                              // of the simulated broker
    std::optional<std::filesystem::path> traces{};         // a folder: what is not as expected leaves its trace there
    std::function<bool()> is_over = [] { return false; };  // then no other scenario is begun
    // Called one at a time; the second as scenarios end, whatever their order.
    std::function<void(const catalogue::Scenario&)> on_begin{};
    std::function<void(const Result&)> on_result{};
};

// In the order of the scenarios; without those that were not begun.
std::vector<Result> run_suite(std::span<const catalogue::Scenario* const>, const SuiteOptions&);

// queue.declare[direct] as the name of a file.
std::string trace_name(const catalogue::Scenario&);

// How many of each verdict.
std::size_t count(std::span<const Result>, Verdict);
bool all_as_expected(std::span<const Result>);

}  // namespace conformance::runner
