#include "conformance/report/json.hpp"

#include "conformance/catalogue/family.hpp"
#include "conformance/runner/suite.hpp"

namespace conformance::report {

using nlohmann::json;

json to_json(const catalogue::Scenario& scenario) {
    return {
        {"id", scenario.id},
        {"title", scenario.title},
        {"under_test", catalogue::to_string(scenario.under_test)},
        {"level", catalogue::to_string(scenario.level)},
        {"clauses", scenario.clauses},
        {"families", catalogue::families_of(scenario)},
        {"notes", scenario.notes},
        {"file", scenario.at.file},
        {"line", scenario.at.line},
    };
}

json to_json(const Run& run) {
    auto results = json::array();
    for (const auto& result : run.results) {
        json entry = {
            {"id", result.scenario->id},
            {"level", catalogue::to_string(result.scenario->level)},
            {"clauses", result.scenario->clauses},
            {"families", catalogue::families_of(*result.scenario)},
            {"verdict", runner::to_string(result.verdict)},
            {"as_expected", runner::as_expected(result.verdict)},
            {"seconds", std::chrono::duration<double>(result.took).count()},
        };
        if (result.verdict != runner::Verdict::pass) {
            entry["file"] = result.at.file;
            entry["line"] = result.at.line;
            entry["message"] = result.message;
            entry["conversation"] = result.transcript;
            entry["repeat"] = repeat_command(run.command, result);
        }
        if (!result.trace.empty()) entry["trace"] = result.trace;
        if (!result.shim_errors.empty()) entry["shim_stderr"] = result.shim_errors;
        if (!result.reason.empty()) entry["deviation"] = {{"reason", result.reason}, {"link", result.link}};
        results.push_back(std::move(entry));
    }
    return {
        {"peer", run.peer},
        {"command", run.command},
        {"ran", run.results.size()},
        {"seconds", run.took.count()},
        {"as_expected", runner::all_as_expected(run.results)},
        {"results", std::move(results)},
    };
}

std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace); }

}  // namespace conformance::report
