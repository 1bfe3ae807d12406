// Which scenarios of role broker provoke each violation of codec/violation.hpp: not by what they say of themselves, but
// by what the simulated broker, in each of its profiles, is seen to find.
#pragma once

#include <vector>

#include "conformance/catalogue/coverage.hpp"

namespace conformance::runner {

// A line for each violation, in the order of its table.
std::vector<catalogue::LedgerLine> ledger_of_violations(const catalogue::Catalogue&);

}  // namespace conformance::runner
