// Counts a scenario with parameters once, whatever the number of its cases.
#include "conformance/catalogue/coverage.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace conformance::catalogue {

namespace {

std::set<std::string> ids_of(const Catalogue& catalogue) {
    std::set<std::string> ids;
    for (const auto& scenario : catalogue.scenarios) ids.insert(without_case(scenario.id));
    return ids;
}

}  // namespace

Coverage LedgerLine::coverage() const {
    if (scenarios.empty()) return reason.empty() ? Coverage::missing : Coverage::untestable;
    return reason.empty() ? Coverage::by_scenarios : Coverage::contradictory;
}

std::vector<LedgerLine> ledger_of_requirements(const Catalogue& catalogue) {
    std::map<std::string_view, LedgerLine> lines;
    for (const auto& [id, requirement] : catalogue.requirements)
        lines[id] = {.id = id, .reason = requirement.untestable};
    for (const auto& scenario : catalogue.scenarios) {
        const auto id = without_case(scenario.id);
        for (const auto& clause : scenario.clauses) {
            const auto line = lines.find(clause);
            if (line == lines.end()) continue;  // the loader has refused it
            auto& named = line->second.scenarios;
            if (std::ranges::find(named, id) == named.end()) named.push_back(id);
        }
    }
    std::vector<LedgerLine> ledger;
    for (auto& [id, line] : lines) ledger.push_back(std::move(line));
    return ledger;
}

std::vector<LedgerLine> ledger_of_defects(const Catalogue& catalogue, const Defects& defects) {
    const auto ids = ids_of(catalogue);
    std::vector<LedgerLine> ledger;
    for (const auto& [id, defect] : defects) {
        auto& line = ledger.emplace_back(LedgerLine{.id = id, .reason = defect.unreachable});
        for (auto& scenario : defect.scenario_ids()) {
            if (ids.contains(scenario)) line.scenarios.push_back(std::move(scenario));
        }
    }
    return ledger;
}

std::vector<std::string> scenarios_that_are_not_there(const Catalogue& catalogue, const Defects& defects) {
    const auto ids = ids_of(catalogue);
    std::vector<std::string> missing;
    for (const auto& [id, defect] : defects) {
        for (const auto& scenario : defect.scenario_ids()) {
            if (!ids.contains(scenario)) missing.push_back(id + ": " + scenario);
        }
    }
    return missing;
}

}  // namespace conformance::catalogue
