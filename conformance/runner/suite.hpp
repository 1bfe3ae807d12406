// Many scenarios, one after the other, each on a stage of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/runner/deviation.hpp"
#include "conformance/runner/run_scenario.hpp"

namespace conformance::runner {

struct Selection {
    std::vector<std::string> select;  // ids or globs; empty: all
    std::vector<std::string> skip;
    std::vector<catalogue::Level> levels;  // empty: all
};

std::vector<const catalogue::Scenario*>
choose(std::span<const catalogue::Scenario> all, catalogue::Role role, const Selection&);

// A fresh stage, or why there is none.
using StageMaker = std::function<std::expected<std::unique_ptr<step::Stage>, std::string>()>;

struct SuiteOptions {
    StageMaker make_stage;
    std::vector<Deviation> deviations;
    std::string prefix;  // of this run; each scenario adds its number
    step::Duration patience = step::Conversation::default_patience;
    std::function<void(const catalogue::Scenario&)> on_begin;
    std::function<void(const Result&)> on_result;
};

std::vector<Result> run_suite(std::span<const catalogue::Scenario* const>, const SuiteOptions&);

// How many of each verdict.
std::size_t count(std::span<const Result>, Verdict);
bool all_as_expected(std::span<const Result>);

}  // namespace conformance::runner
