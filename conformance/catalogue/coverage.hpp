// The ledger: which scenarios ask about each requirement, or why none can.
#pragma once

#include <string>
#include <vector>

#include "conformance/catalogue/loader.hpp"

namespace conformance::catalogue {

// by_scenarios: asked; untestable: has a reason instead; missing: has neither; contradictory: has both.
enum class Coverage : std::uint8_t { by_scenarios, untestable, missing, contradictory };

struct LedgerLine {
    const Requirement* requirement = nullptr;
    std::vector<std::string> scenarios;  // ids without their cases, in the order of the catalogue

    Coverage coverage() const;
};

// A line for each requirement, by id. The catalogue has to outlive it.
std::vector<LedgerLine> ledger_of(const Catalogue&);

}  // namespace conformance::catalogue
