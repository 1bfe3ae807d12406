// What is done after the steps of a scenario: open connections are closed, leftovers looked for, and the peer has to
// prove that it is still alive. A crashed peer passes nothing.
#pragma once

#include "conformance/step/conversation.hpp"

namespace conformance::runner {

step::Outcome broker_aftermath(step::Conversation&, const catalogue::Scenario&);
step::Outcome client_aftermath(step::Conversation&);

// The two halves of that: a fresh connection carries a message; and the shim exits when its input ends.
step::Outcome client_sanity(step::Conversation&);
step::Outcome client_exit(step::Conversation&);

// Deletes what the scenario says has to be deleted; failures are nobody's concern.
void clean_up(step::Conversation&, const catalogue::Cleanup&);

}  // namespace conformance::runner
