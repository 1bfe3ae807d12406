#include "conformance/runner/suite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <mutex>
#include <thread>

namespace conformance::runner {

namespace {

using catalogue::Scenario;
using catalogue::Step;

bool asks_the_operator(const std::vector<Step>& steps) {
    return std::ranges::any_of(steps, [](const Step& step) {
        return step.verb == "operate" || asks_the_operator(step.steps);
    });
}

class Suite {
public:
    Suite(std::span<const Scenario* const> scenarios, const SuiteOptions& options)
        : scenarios_(scenarios), options_(options), results_(scenarios.size()) {}

    std::vector<Result> run() {
        std::vector<std::size_t> together;
        std::vector<std::size_t> alone;
        for (std::size_t i = 0; i < scenarios_.size(); ++i) {
            const bool by_itself = options_.jobs > 1 && options_.sharing == Sharing::one_for_all &&
                                   asks_the_operator(scenarios_[i]->steps);
            (by_itself ? alone : together).push_back(i);
        }
        run(together, options_.jobs);
        run(alone, 1);
        std::erase_if(results_, [](const Result& result) { return result.scenario == nullptr; });
        return std::move(results_);
    }

private:
    void run(const std::vector<std::size_t>& numbers, unsigned jobs) {
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (auto i = next++; i < numbers.size() && !options_.is_over(); i = next++) run_one(numbers[i]);
        };
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < jobs; ++i) others.emplace_back(work);
        work();
    }

    void run_one(std::size_t number) {
        const auto& scenario = *scenarios_[number];
        if (options_.on_begin) {
            const std::lock_guard lock(telling_);
            options_.on_begin(scenario);
        }
        auto& result = results_[number];
        result = on_a_stage(scenario, fmt::format("{}.{}", options_.prefix, number + 1));
        if (!options_.on_result) return;
        const std::lock_guard lock(telling_);
        options_.on_result(result);
    }

    Result on_a_stage(const Scenario& scenario, const std::string& prefix) const {
        StageOptions stage_options{.seed = options_.seed, .broker = scenario.broker};
        if (options_.traces) stage_options.trace = *options_.traces / trace_name(scenario);
        auto result = options_.run_case(scenario, {.prefix = prefix, .patience = options_.patience}, stage_options);
        judge(result, options_.deviations, options_.standard);
        if (stage_options.trace) keep_trace(result, *stage_options.trace);
        return result;
    }

    // The stage is gone, and so its trace is whole.
    static void keep_trace(Result& result, const std::filesystem::path& trace) {
        std::error_code ignored;
        if (as_expected(result.verdict)) {
            std::filesystem::remove(trace, ignored);
        } else if (std::filesystem::exists(trace, ignored)) {
            result.trace = trace.string();
        }
    }

    std::span<const Scenario* const> scenarios_;
    const SuiteOptions& options_;
    std::vector<Result> results_;
    std::mutex telling_;
};

}  // namespace

CaseRunner run_once_on(StageMaker make_stage) {
    return [make_stage = std::move(make_stage
            )](const Scenario& scenario, const RunOptions& options, const StageOptions& stage_options) -> Result {
        const auto stage = make_stage(stage_options);
        if (stage) return run_scenario(**stage, scenario, options);
        return {.scenario = &scenario, .verdict = Verdict::inconclusive, .at = scenario.at, .message = stage.error()};
    };
}

std::vector<Result> run_suite(std::span<const Scenario* const> scenarios, const SuiteOptions& options) {
    return Suite(scenarios, options).run();
}

std::string trace_name(const Scenario& scenario) {
    std::string name;
    for (const char c : scenario.id) {
        if (c == '[') {
            name += '@';
        } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-') {
            name += c;
        } else if (c != ']') {
            name += fmt::format("={:02x}", static_cast<unsigned char>(c));
        }
    }
    return name + ".trace";
}

std::size_t count(std::span<const Result> results, Verdict verdict) {
    return static_cast<std::size_t>(std::ranges::count(results, verdict, &Result::verdict));
}

bool all_as_expected(std::span<const Result> results) {
    return std::ranges::all_of(results, [](const Result& result) { return as_expected(result.verdict); });
}

}  // namespace conformance::runner
