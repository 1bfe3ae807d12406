// The report for programs.
#pragma once

#include <nlohmann/json.hpp>

#include "conformance/report/run.hpp"

namespace conformance::report {

nlohmann::json to_json(const Run&);
nlohmann::json to_json(const catalogue::Scenario&);  // as `list --json` shows it

// Text from outside may hold any octets; JSON text is UTF-8.
std::string dump(const nlohmann::json&);

}  // namespace conformance::report
