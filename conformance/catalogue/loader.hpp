// The data files of scenarios/ to scenarios. What it does not know it refuses; it goes on to find every mistake.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "conformance/catalogue/requirements.hpp"
#include "conformance/catalogue/scenario.hpp"

namespace conformance::catalogue {

struct Catalogue {
    std::vector<Scenario> scenarios;  // by file name, then in the order of the file
    Requirements requirements;
    std::vector<LoadError> errors;
};

struct CataloguePaths {
    std::filesystem::path scenarios;     // the folder; its deviation/ is not read
    std::filesystem::path requirements;  // the file
};

Catalogue load_catalogue(const CataloguePaths&);

// One file's scenarios, for tests and for scenarios that live elsewhere; `file` is what errors call it.
std::vector<Scenario> load_scenarios(
    const std::filesystem::path& path, const std::string& file, const Requirements&, std::vector<LoadError>& errors
);

// The same of a text, which may be JSON.
std::vector<Scenario> parse_scenarios(
    const std::string& text, const std::string& file, const Requirements&, std::vector<LoadError>& errors
);

// Steps in JSON, without lines: those that the runner itself goes through after a scenario.
std::vector<Step> steps_from_json(const nlohmann::json& steps, const std::string& origin);

// * and ? in glob; anything else stands for itself.
bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace conformance::catalogue
