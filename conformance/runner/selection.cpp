#include "conformance/runner/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/catalogue/closest.hpp"
#include "conformance/catalogue/family.hpp"
#include "conformance/catalogue/loader.hpp"

namespace conformance::runner {

using catalogue::Scenario;

namespace {

bool has_level(const Scenario& scenario, catalogue::Level level) { return scenario.level == level; }

bool is_of_family(const Scenario& scenario, const std::string& name) {
    const auto families = catalogue::families_of(scenario);
    return std::ranges::find(families, name) != families.end();
}

bool cites(const Scenario& scenario, const std::string& glob) {
    return std::ranges::any_of(scenario.clauses, [&](const std::string& clause) {
        return clause == glob || catalogue::matches_glob(glob, clause);
    });
}

bool is_chosen(const Scenario& scenario, const Selection& selection) {
    const auto fits_one = [&](const auto& values, auto fits) {
        return std::ranges::any_of(values, [&](const auto& value) { return fits(scenario, value); });
    };
    const auto let_through = [&](const auto& values, auto fits) { return values.empty() || fits_one(values, fits); };
    return let_through(selection.select, is_meant) && !fits_one(selection.skip, is_meant) &&
           let_through(selection.levels, has_level) && let_through(selection.families, is_of_family) &&
           let_through(selection.clauses, cites);
}

using Fits = bool (*)(const Scenario&, const std::string&);

// One option: what it was given, and what it could have been given.
struct Asked {
    std::string_view option;
    const std::vector<std::string>& values;
    Fits fits;
    std::set<std::string> known{};
};

}  // namespace

bool is_meant(const Scenario& scenario, const std::string& glob) {
    const auto bare = catalogue::without_case(scenario.id);
    return glob == scenario.id || catalogue::matches_glob(glob, scenario.id) || catalogue::matches_glob(glob, bare);
}

std::vector<const Scenario*> choose(std::span<const Scenario> all, catalogue::Role role, const Selection& selection) {
    std::vector<const Scenario*> chosen;
    for (const auto& scenario : all) {
        if (scenario.under_test == role && is_chosen(scenario, selection)) chosen.push_back(&scenario);
    }
    return chosen;
}

std::optional<std::string> selection_error(
    std::span<const Scenario> all, catalogue::Role role, const Selection& selection
) {
    Asked asked[] = {
        {"--select", selection.select, is_meant},
        {"--skip", selection.skip, is_meant},
        {"--family", selection.families, is_of_family},
        {"--clause", selection.clauses, cites},
    };
    auto& [select, skip, families, clauses] = asked;
    const auto of_role = choose(all, role, {});
    for (const auto* scenario : of_role) {
        select.known.insert({scenario->id, catalogue::without_case(scenario->id)});
        for (const auto& family : catalogue::families_of(*scenario)) families.known.insert(family);
        clauses.known.insert(scenario->clauses.begin(), scenario->clauses.end());
    }
    skip.known = select.known;
    for (const auto& [option, values, fits, known] : asked) {
        for (const auto& value : values) {
            if (std::ranges::any_of(of_role, [&](const auto* scenario) { return fits(*scenario, value); })) continue;
            return fmt::format(
                "{}: '{}' fits no scenario of role {}{}",
                option,
                value,
                catalogue::to_string(role),
                catalogue::did_you_mean(value, {known.begin(), known.end()})
            );
        }
    }
    return {};
}

}  // namespace conformance::runner
