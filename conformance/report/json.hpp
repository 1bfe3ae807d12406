// The report for programs.
#pragma once

#include <nlohmann/json.hpp>

#include "conformance/report/run.hpp"

namespace conformance::report {

// Whose conversations are in the report, frame by frame (report/timeline.hpp), together with the steps as written.
enum class Frames : std::uint8_t { of_what_did_not_pass, of_all };

nlohmann::json to_json(const Run&, Frames frames = Frames::of_what_did_not_pass);
nlohmann::json to_json(const catalogue::Scenario&);  // as `list --json` shows it

// Text from outside may hold any octets; JSON text is UTF-8.
std::string dump(const nlohmann::json&);

}  // namespace conformance::report
