// For tests: scenarios written in the test, or of the catalogue, against the simulated broker behind a fault plan.
#pragma once

#include <string>
#include <vector>

#include "conformance/catalogue/loader.hpp"
#include "conformance/runner/run_scenario.hpp"

namespace conformance::runner::testing {

// Steps in YAML to a scenario of the role broker; anything else beside them, such as "leftovers: allowed", in `fields`.
catalogue::Scenario scenario_of(const std::string& steps, const std::string& fields = {});

// Rules as scenarios write them, in JSON with single quotes.
using Rules = std::vector<std::string>;

Result run_simulated(const catalogue::Scenario& scenario, const Rules& broken = {});

// "pass", or "fail: message"
std::string outcome(const Result& result);

// The catalogue of the repository, loaded once.
const catalogue::Catalogue& the_catalogue();
const catalogue::Scenario& scenario_named(const std::string& id);  // without a case: the first of its cases

std::string with_double_quotes(std::string text);

}  // namespace conformance::runner::testing
