// Which scenarios of the catalogue are run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/catalogue/scenario.hpp"

namespace conformance::runner {

// Of each list one entry has to fit; an empty list lets everything through.
struct Selection {
    std::vector<std::string> select{};  // ids or globs
    std::vector<std::string> skip{};
    std::vector<catalogue::Level> levels{};
    std::vector<std::string> families{};
    std::vector<std::string> clauses{};  // ids of requirements, or globs
};

std::vector<const catalogue::Scenario*>
choose(std::span<const catalogue::Scenario> all, catalogue::Role role, const Selection&);

// What fits no scenario of the role at all is a slip of the finger: which, and what was meant.
std::optional<std::string>
selection_error(std::span<const catalogue::Scenario> all, catalogue::Role role, const Selection&);

// Whether a scenario is meant by an id or glob; one of several cases also by its id without the case.
bool is_meant(const catalogue::Scenario&, const std::string& glob);

}  // namespace conformance::runner
