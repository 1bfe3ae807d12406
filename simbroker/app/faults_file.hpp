// A plan of faults from a file, for `simbroker serve --faults` and `simbroker ctl add_fault`.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace simbroker::app {

// YAML or JSON: a list of rules. As JSON, each found right; or what is wrong, and where: "FILE: /0/when/nth: ...".
std::expected<std::vector<std::string>, std::string> read_faults(const std::string& file);

}  // namespace simbroker::app
