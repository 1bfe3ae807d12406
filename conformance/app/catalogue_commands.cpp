// list, show and deviations.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/app/load.hpp"
#include "conformance/catalogue/closest.hpp"
#include "conformance/report/json.hpp"

namespace conformance::app {

namespace {

void print_text_of(const Place& place, const catalogue::Scenario& scenario) {
    const auto folder = place.catalogue().scenarios;
    std::ifstream file(folder.parent_path() / scenario.at.file);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (number < scenario.at.line) continue;
        if (number > scenario.at.line && line.starts_with("---")) break;
        std::cout << line << "\n";
    }
}

}  // namespace

std::optional<std::vector<std::string>> Place::shim(const std::string& name) const {
    const auto at = name.find('@');
    const auto launcher = source / "conformance" / "shim" / name.substr(0, at);
    if (!std::filesystem::is_regular_file(launcher)) return {};
    if (at == std::string::npos) return std::vector{launcher.string()};
    return std::vector{launcher.string(), name.substr(at + 1)};
}

catalogue::CataloguePaths Place::catalogue() const {
    const auto folder =
        scenarios.empty() ? source / "scenarios" : std::filesystem::absolute(scenarios).lexically_normal();
    return {
        .scenarios = folder.has_filename() ? folder : folder.parent_path(),
        .requirements = source / "conformance" / "catalogue" / "requirements.yaml",
    };
}

std::filesystem::path Place::deviations() const { return catalogue().scenarios / "deviation"; }

std::vector<std::string> Place::shims() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(source / "conformance" / "shim")) {
        const auto name = entry.path().filename().string();
        if (entry.is_regular_file() && name.find('.') == std::string::npos) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

std::optional<catalogue::Catalogue> load(const Place& place) {
    auto loaded = catalogue::load_catalogue(place.catalogue());
    if (loaded.errors.empty()) return loaded;
    for (const auto& error : loaded.errors) std::cerr << to_string(error) << "\n";
    std::cerr << fmt::format("amqp-conformance: {} mistakes in the data files\n", loaded.errors.size());
    return {};
}

void print(const std::vector<const catalogue::Scenario*>& scenarios) {
    for (const auto* scenario : scenarios) {
        std::cout << fmt::format(
            "{:<6} {:<9} {:<60} {}\n",
            catalogue::to_string(scenario->under_test),
            catalogue::to_string(scenario->level),
            scenario->id,
            fmt::join(scenario->clauses, " ")
        );
    }
    std::cout << fmt::format("{} scenarios\n", scenarios.size());
}

Status list(const Place& place, bool as_json) {
    const auto loaded = load(place);
    if (!loaded) return Status::nothing_ran;
    if (as_json) {
        auto all = nlohmann::json::array();
        for (const auto& scenario : loaded->scenarios) all.push_back(report::to_json(scenario));
        std::cout << report::dump(all) << "\n";
        return Status::as_expected;
    }
    std::vector<const catalogue::Scenario*> all;
    for (const auto& scenario : loaded->scenarios) all.push_back(&scenario);
    print(all);
    return Status::as_expected;
}

Status show(const Place& place, const std::string& id) {
    const auto loaded = load(place);
    if (!loaded) return Status::nothing_ran;
    const auto found = std::ranges::find_if(loaded->scenarios, [&](const auto& scenario) {
        return scenario.id == id || catalogue::without_case(scenario.id) == id;
    });
    if (found == loaded->scenarios.end()) {
        std::vector<std::string> ids;
        for (const auto& scenario : loaded->scenarios) ids.push_back(catalogue::without_case(scenario.id));
        return refuse(fmt::format(
            "no scenario has the id '{}'{}; see amqp-conformance list", id, catalogue::did_you_mean(id, ids)
        ));
    }
    std::cout << to_string(found->at) << "\n\n";
    print_text_of(place, *found);
    for (const auto& clause : found->clauses) {
        const auto& requirement = loaded->requirements.at(clause);
        std::cout << fmt::format(
            "\n{} ({}, {}; {})\n    {}\n",
            clause,
            requirement.level,
            requirement.role,
            requirement.clause,
            requirement.statement
        );
        if (!requirement.rabbitmq.empty()) std::cout << fmt::format("    RabbitMQ: {}\n", requirement.rabbitmq);
        if (!requirement.ambiguity.empty()) std::cout << fmt::format("    Ambiguous: {}\n", requirement.ambiguity);
        if (!requirement.accepted.empty()) std::cout << fmt::format("    Accepted: {}\n", requirement.accepted);
    }
    return Status::as_expected;
}

Status deviations(const Place& place) {
    const auto loaded = load(place);
    if (!loaded) return Status::nothing_ran;
    std::vector<catalogue::LoadError> wrong;
    std::size_t entries = 0;
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(place.deviations())) {
        if (file.path().extension() != ".yaml") continue;
        const auto list = runner::load_deviations(file.path());
        const auto idle = list ? runner::idle_deviations(*list, loaded->scenarios) : list.error();
        wrong.insert(wrong.end(), idle.begin(), idle.end());
        entries += list ? list->size() : 0;
        ++files;
    }
    for (const auto& error : wrong) std::cerr << to_string(error) << "\n";
    std::cout << fmt::format("{} lists with {} expected failures, {} mistakes\n", files, entries, wrong.size());
    return wrong.empty() ? Status::as_expected : Status::not_as_expected;
}

}  // namespace conformance::app
