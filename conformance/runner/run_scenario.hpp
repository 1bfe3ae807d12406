// One scenario on one stage, from the first connection to the check that the peer is still sane.
#pragma once

#include "conformance/runner/verdict.hpp"
#include "conformance/step/conversation.hpp"

namespace conformance::runner {

struct RunOptions {
    std::string prefix;  // what $id stands for: unique among scenarios and runs
    step::Duration patience = step::Conversation::default_patience;
};

// What the names of a scenario stand for on this stage.
step::Variables variables_of(const step::Stage&, const catalogue::Scenario&, const RunOptions&);

// Whether the shim has what a scenario of role client says it needs.
step::Outcome operations_suffice(const step::Stage&, const catalogue::Scenario&);

Result run_scenario(step::Stage& stage, const catalogue::Scenario& scenario, const RunOptions& options);

}  // namespace conformance::runner
