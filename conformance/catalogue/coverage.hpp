// The ledgers: which scenarios ask about each requirement and each known defect, or why none can.
#pragma once

#include <string>
#include <vector>

#include "conformance/catalogue/defects.hpp"
#include "conformance/catalogue/loader.hpp"

namespace conformance::catalogue {

// by_scenarios: asked; untestable: has a reason instead; missing: has neither; contradictory: has both.
enum class Coverage : std::uint8_t { by_scenarios, untestable, missing, contradictory };

struct LedgerLine {
    std::string id;                        // of the requirement, the defect, or whatever scenarios may be about
    std::string reason;                    // why none can ask
    std::vector<std::string> scenarios{};  // ids without their cases, in the order of the catalogue

    Coverage coverage() const;
};

// A line for each, by id.
std::vector<LedgerLine> ledger_of_requirements(const Catalogue&);

// Scenarios that a defect names and that are not there do not count.
std::vector<LedgerLine> ledger_of_defects(const Catalogue&, const Defects&);
std::vector<std::string> scenarios_that_are_not_there(const Catalogue&, const Defects&);

}  // namespace conformance::catalogue
