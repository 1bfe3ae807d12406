// coverage.
#include <fmt/format.h>

#include <iostream>
#include <map>

#include "conformance/app/arguments.hpp"
#include "conformance/app/load.hpp"
#include "conformance/catalogue/coverage.hpp"
#include "conformance/report/json.hpp"

namespace conformance::app {

namespace {

using catalogue::Coverage;

std::string_view name_of(Coverage coverage) {
    switch (coverage) {
        case Coverage::by_scenarios: return "covered";
        case Coverage::untestable: return "untestable";
        case Coverage::missing: return "missing";
        case Coverage::contradictory: return "contradictory";
    }
    return "";
}

nlohmann::json to_json(const catalogue::LedgerLine& line) {
    const auto& requirement = *line.requirement;
    return {
        {"id", requirement.id},
        {"role", requirement.role},
        {"level", requirement.level},
        {"clause", requirement.clause},
        {"statement", requirement.statement},
        {"rabbitmq", requirement.rabbitmq},
        {"coverage", name_of(line.coverage())},
        {"scenarios", line.scenarios},
        {"reason", requirement.untestable},
    };
}

void print(const catalogue::LedgerLine& line) {
    const auto& requirement = *line.requirement;
    std::cout << fmt::format("{:<11} {:<10} {}\n", name_of(line.coverage()), requirement.level, requirement.id);
    for (const auto& scenario : line.scenarios) std::cout << "    " << scenario << "\n";
    if (!requirement.untestable.empty()) std::cout << "    " << requirement.untestable << "\n";
}

}  // namespace

Status coverage(const Place& place, bool as_json) {
    const auto loaded = load(place);
    if (!loaded) return Status::nothing_ran;
    const auto ledger = catalogue::ledger_of(*loaded);
    std::map<Coverage, std::size_t> count;
    auto lines = nlohmann::json::array();
    for (const auto& line : ledger) {
        ++count[line.coverage()];
        if (as_json) {
            lines.push_back(to_json(line));
        } else {
            print(line);
        }
    }
    if (as_json) {
        std::cout << report::dump(lines) << "\n";
    } else {
        std::cout << fmt::format(
            "{} requirements: {} have scenarios, {} a reason why none can ask, {} neither, {} both\n",
            ledger.size(),
            count[Coverage::by_scenarios],
            count[Coverage::untestable],
            count[Coverage::missing],
            count[Coverage::contradictory]
        );
    }
    const auto complete = count[Coverage::missing] + count[Coverage::contradictory] == 0;
    return complete ? Status::as_expected : Status::not_as_expected;
}

}  // namespace conformance::app
