// The report to look at: one HTML file that holds everything and fetches nothing, of one run or of several side by
// side. It is made from the JSON reports, so that runs of different days and machines can be put together.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace conformance::report {

// What is not right with a JSON report that was read from a file; nothing: it is one.
std::optional<std::string> json_report_error(const nlohmann::json& report);

// `date` is told at the foot of the page.
std::string to_html(const std::vector<nlohmann::json>& reports, const std::string& date);

}  // namespace conformance::report
