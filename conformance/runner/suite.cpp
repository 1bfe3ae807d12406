#include "conformance/runner/suite.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/catalogue/loader.hpp"

namespace conformance::runner {

namespace {

using catalogue::Scenario;

// A scenario of several cases is also meant by its id without the case.
bool is_meant(const Scenario& scenario, const std::vector<std::string>& globs) {
    const auto bare = scenario.id.substr(0, scenario.id.find('['));
    return std::ranges::any_of(globs, [&](const std::string& glob) {
        return glob == scenario.id || catalogue::matches_glob(glob, scenario.id) || catalogue::matches_glob(glob, bare);
    });
}

Result run_one(const Scenario& scenario, const SuiteOptions& options, std::size_t number) {
    const auto stage = options.make_stage();
    if (!stage) {
        return {.scenario = &scenario, .verdict = Verdict::inconclusive, .at = scenario.at, .message = stage.error()};
    }
    auto result = run_scenario(
        **stage, scenario, {.prefix = fmt::format("{}.{}", options.prefix, number), .patience = options.patience}
    );
    apply_deviations(result, options.deviations);
    return result;
}

}  // namespace

std::vector<const Scenario*> choose(std::span<const Scenario> all, catalogue::Role role, const Selection& selection) {
    std::vector<const Scenario*> chosen;
    for (const auto& scenario : all) {
        if (scenario.under_test != role) continue;
        if (!selection.select.empty() && !is_meant(scenario, selection.select)) continue;
        if (is_meant(scenario, selection.skip)) continue;
        const auto& levels = selection.levels;
        if (!levels.empty() && std::ranges::find(levels, scenario.level) == levels.end()) continue;
        chosen.push_back(&scenario);
    }
    return chosen;
}

std::vector<Result> run_suite(std::span<const Scenario* const> scenarios, const SuiteOptions& options) {
    std::vector<Result> results;
    for (const auto* scenario : scenarios) {
        if (options.on_begin) options.on_begin(*scenario);
        results.push_back(run_one(*scenario, options, results.size() + 1));
        if (options.on_result) options.on_result(results.back());
    }
    return results;
}

std::size_t count(std::span<const Result> results, Verdict verdict) {
    return static_cast<std::size_t>(std::ranges::count(results, verdict, &Result::verdict));
}

bool all_as_expected(std::span<const Result> results) {
    return std::ranges::all_of(results, [](const Result& result) { return as_expected(result.verdict); });
}

}  // namespace conformance::runner
