// Every fault there is, for people: the table in README.md.
#pragma once

#include <string>

namespace simbroker::fault {

// Markdown, a line for each.
std::string fault_table();

}  // namespace simbroker::fault
