// The HTML report as a file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace conformance::app {

// Of runs as --json tells them. False: it cannot be written, which is said.
bool write_html(const std::string& path, const std::vector<nlohmann::json>& reports);

}  // namespace conformance::app
