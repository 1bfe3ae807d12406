#include "conformance/report/json.hpp"

#include "conformance/catalogue/family.hpp"
#include "conformance/report/timeline.hpp"
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

namespace {

json to_json(const std::vector<catalogue::Step>& steps) {
    auto all = json::array();
    for (const auto& step : steps) {
        json entry = {{"line", step.at.line}, {"verb", step.verb}, {"argument", step.argument}};
        if (!step.modifiers.empty()) entry["modifiers"] = step.modifiers;
        if (!step.steps.empty()) entry["steps"] = to_json(step.steps);
        all.push_back(std::move(entry));
    }
    return all;
}

// Of the clauses that the scenarios cite.
json requirements_of(const Run& run) {
    auto cited = json::object();
    if (run.requirements == nullptr) return cited;
    for (const auto& result : run.results) {
        for (const auto& clause : result.scenario->clauses) {
            const auto found = run.requirements->find(clause);
            if (found == run.requirements->end() || cited.contains(clause)) continue;
            const auto& requirement = found->second;
            cited[clause] = {
                {"role", requirement.role},
                {"level", requirement.level},
                {"clause", requirement.clause},
                {"statement", requirement.statement},
            };
            if (!requirement.rabbitmq.empty()) cited[clause]["rabbitmq"] = requirement.rabbitmq;
        }
    }
    return cited;
}

}  // namespace

json to_json(const Run& run, Frames frames) {
    auto results = json::array();
    for (const auto& result : run.results) {
        json entry = {
            {"id", result.scenario->id},
            {"title", result.scenario->title},
            {"notes", result.scenario->notes},
            {"level", catalogue::to_string(result.scenario->level)},
            {"clauses", result.scenario->clauses},
            {"families", catalogue::families_of(*result.scenario)},
            {"defined", {{"file", result.scenario->at.file}, {"line", result.scenario->at.line}}},
            {"verdict", runner::to_string(result.verdict)},
            {"as_expected", runner::as_expected(result.verdict)},
            {"seconds", std::chrono::duration<double>(result.took).count()},
        };
        if (result.verdict != runner::Verdict::pass) {
            entry["file"] = result.at.file;
            entry["line"] = result.at.line;
            entry["message"] = result.message;
            if (!result.expected.empty()) entry["expected"] = result.expected;
            if (!result.got.empty()) entry["got"] = result.got;
            entry["conversation"] = result.transcript;
        }
        entry["repeat"] = repeat_command(run.command, result);
        if (result.verdict != runner::Verdict::pass || frames == Frames::of_all) {
            entry["steps"] = to_json(result.scenario->steps);
            entry["timeline"] = to_json(result.timeline);
        }
        if (!result.trace.empty()) entry["trace"] = result.trace;
        if (!result.shim_errors.empty()) entry["shim_stderr"] = result.shim_errors;
        if (!result.reason.empty()) entry["deviation"] = {{"reason", result.reason}, {"link", result.link}};
        results.push_back(std::move(entry));
    }
    return {
        {"peer", run.peer},
        {"role", catalogue::to_string(run.role)},
        {"product", run.product},
        {"version", run.version},
        {"command", run.command},
        {"requirements", requirements_of(run)},
        {"ran", run.results.size()},
        {"seconds", run.took.count()},
        {"as_expected", runner::all_as_expected(run.results)},
        {"results", std::move(results)},
    };
}

std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace); }

}  // namespace conformance::report
