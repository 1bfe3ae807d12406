// Counts a scenario with parameters once, whatever the number of its cases.
#include "conformance/catalogue/coverage.hpp"

#include <algorithm>
#include <map>

namespace conformance::catalogue {

Coverage LedgerLine::coverage() const {
    const auto reason = !requirement->untestable.empty();
    if (scenarios.empty()) return reason ? Coverage::untestable : Coverage::missing;
    return reason ? Coverage::contradictory : Coverage::by_scenarios;
}

std::vector<LedgerLine> ledger_of(const Catalogue& catalogue) {
    std::map<std::string_view, LedgerLine> lines;
    for (const auto& [id, requirement] : catalogue.requirements) lines[id].requirement = &requirement;
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

}  // namespace conformance::catalogue
