// A case as a file of scenarios: what the loader reads, with comments that say what the octets are.
#pragma once

#include <string>

#include "conformance/catalogue/scenario.hpp"

namespace conformance::fuzz {

std::string to_yaml(const catalogue::Scenario&);

}  // namespace conformance::fuzz
