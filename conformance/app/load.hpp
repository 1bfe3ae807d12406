// Loading the data files, with their mistakes on stderr, and printing what they hold.
#pragma once

#include "conformance/app/arguments.hpp"

namespace conformance::app {

std::optional<catalogue::Catalogue> load(const Place&);
void print(const std::vector<const catalogue::Scenario*>&);  // a line each, and how many

}  // namespace conformance::app
