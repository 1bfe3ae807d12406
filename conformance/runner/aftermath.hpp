// What is done after the steps of a scenario: open connections are closed, leftovers looked for, and the peer has to
// prove that it is still alive. A crashed peer passes nothing.
#pragma once

#include "conformance/step/conversation.hpp"

namespace conformance::runner {

step::Outcome broker_aftermath(step::Conversation&, const catalogue::Scenario&);
step::Outcome client_aftermath(step::Conversation&);
// A new connection, a message through a queue and back; the shim goes on.
step::Outcome client_is_sane(step::Conversation&);

// Deletes what the scenario says has to be deleted; failures are nobody's concern.
void clean_up(step::Conversation&, const catalogue::Cleanup&);

}  // namespace conformance::runner
