// What is left of a failure: files with which anybody sees it again.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "simbroker/explore/shrink.hpp"

namespace simbroker::explore {
namespace {

std::string python_test(const Shrunk& shrunk, const std::string& plan_file) {
    return fmt::format(
        R"("""Seed {0}: {1}

Written by `simbroker shrink {0}`; `simbroker explore --plan {2}` runs the same.
"""

from pathlib import Path

import simbroker


def test_seed_{0}():
    outcome = simbroker.run_plan((Path(__file__).parent / "{2}").read_text())
    assert outcome.finding is None, outcome.finding
)",
        shrunk.plan.seed,
        to_string(shrunk.finding),
        plan_file
    );
}

bool write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    return static_cast<bool>(out.flush());
}

}  // namespace

std::expected<std::vector<std::filesystem::path>, std::string> write_reproduction(
    const std::filesystem::path& directory, const Shrunk& shrunk, const RunOptions& options
) {
    const auto stem = fmt::format("explore-{}", shrunk.plan.seed);
    const auto plan = directory / (stem + ".plan.json");
    const auto trace = directory / (stem + ".trace");
    const auto test = directory / fmt::format("test_explore_{}.py", shrunk.plan.seed);
    const auto failed = [](const std::filesystem::path& file) {
        return std::unexpected(fmt::format("{}: cannot be written", file.string()));
    };
    std::error_code nothing_made;  // what cannot be written says so
    std::filesystem::create_directories(directory, nothing_made);
    if (!write(plan, nlohmann::json::parse(to_json(shrunk.plan)).dump(1) + "\n")) return failed(plan);
    if (!write(test, python_test(shrunk, plan.filename().string()))) return failed(test);
    std::ofstream out(trace, std::ios::binary);
    auto traced = options;
    traced.trace = &out;
    run(shrunk.plan, traced);
    if (!out.flush()) return failed(trace);
    return std::vector{plan, trace, test};
}

}  // namespace simbroker::explore
