// coverage: the ledgers of the requirements, of the defects known in clients, and of the violations.
#include <fmt/format.h>

#include <iostream>
#include <map>

#include "conformance/app/arguments.hpp"
#include "conformance/app/load.hpp"
#include "conformance/catalogue/coverage.hpp"
#include "conformance/report/json.hpp"
#include "conformance/runner/violation_ledger.hpp"

namespace conformance::app {

namespace {

using catalogue::Coverage;
using catalogue::LedgerLine;
using nlohmann::json;

std::string_view name_of(Coverage coverage) {
    switch (coverage) {
        case Coverage::by_scenarios: return "covered";
        case Coverage::untestable: return "untestable";
        case Coverage::missing: return "missing";
        case Coverage::contradictory: return "contradictory";
    }
    return "";
}

// What else is known about the subject of a line.
json details_of(const catalogue::Requirement& requirement) {
    return {
        {"role", requirement.role},
        {"level", requirement.level},
        {"clause", requirement.clause},
        {"statement", requirement.statement},
        {"rabbitmq", requirement.rabbitmq},
        {"ambiguity", requirement.ambiguity},
        {"accepted", requirement.accepted},
    };
}

json details_of(const catalogue::Defect& defect) {
    return {
        {"project", defect.project},
        {"source", defect.source},
        {"link", defect.link},
        {"level", defect.level},
        {"evidence", defect.evidence.empty() ? "report" : defect.evidence},
        {"statement", defect.statement},
    };
}

struct Books {
    catalogue::Catalogue catalogue;
    catalogue::Defects defects;
};

// Says what is wrong with the data.
std::optional<Books> open_books(const Place& place) {
    auto catalogue = load(place);
    auto defects = catalogue::load_defects(place.catalogue().requirements.parent_path() / "defects.yaml");
    if (!catalogue) return {};
    if (!defects) {
        for (const auto& error : defects.error()) std::cerr << to_string(error) << "\n";
        return {};
    }
    for (const auto& missing : catalogue::scenarios_that_are_not_there(*catalogue, *defects))
        std::cerr << fmt::format("amqp-conformance: no such scenario: {}\n", missing);
    return Books{std::move(*catalogue), std::move(*defects)};
}

json details_of(Ledger ledger, const Books& books, const std::string& id) {
    switch (ledger) {
        case Ledger::requirements: return details_of(books.catalogue.requirements.at(id));
        case Ledger::defects: return details_of(books.defects.at(id));
        case Ledger::violations: return json::object();
    }
    return {};
}

std::vector<LedgerLine> lines_of(Ledger ledger, const Books& books) {
    switch (ledger) {
        case Ledger::requirements: return catalogue::ledger_of_requirements(books.catalogue);
        case Ledger::defects: return catalogue::ledger_of_defects(books.catalogue, books.defects);
        case Ledger::violations: return runner::ledger_of_violations(books.catalogue);
    }
    return {};
}

std::string_view name_of(Ledger ledger) {
    switch (ledger) {
        case Ledger::requirements: return "requirements";
        case Ledger::defects: return "defects";
        case Ledger::violations: return "violations";
    }
    return "";
}

void print(const LedgerLine& line, const json& details) {
    std::cout << fmt::format("{:<13} {:<10} {}\n", name_of(line.coverage()), details.value("level", ""), line.id);
    for (const auto& scenario : line.scenarios) std::cout << "    " << scenario << "\n";
    if (!line.reason.empty()) std::cout << "    " << line.reason << "\n";
}

}  // namespace

Status coverage(const Place& place, Ledger ledger, bool as_json) {
    const auto books = open_books(place);
    if (!books) return Status::nothing_ran;
    const auto lines = lines_of(ledger, *books);
    std::map<Coverage, std::size_t> count;
    auto all = json::array();
    for (const auto& line : lines) {
        ++count[line.coverage()];
        auto details = details_of(ledger, *books, line.id);
        if (!as_json) print(line, details);
        details.update({
            {"id", line.id},
            {"coverage", name_of(line.coverage())},
            {"scenarios", line.scenarios},
            {"reason", line.reason},
        });
        all.push_back(std::move(details));
    }
    if (as_json) {
        std::cout << report::dump(all) << "\n";
    } else {
        std::cout << fmt::format(
            "{} {}: {} have scenarios, {} a reason why none can ask, {} neither, {} both\n",
            lines.size(),
            name_of(ledger),
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
