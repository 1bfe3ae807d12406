// Finding what a step is about among what has arrived: the reading order of scenarios/README.md.
#pragma once

#include <functional>
#include <span>

#include "conformance/step/modifiers.hpp"

namespace conformance::step {

// Whether an item is what the step has to look at next.
using Relevant = std::function<bool(const peer::Item&)>;

// For any of these expectations. Role broker: the next item of the channel; role client: the next of one of the
// methods.
Relevant relevant_for(Conversation&, const Line&, const Step&, std::span<const nlohmann::json> expectations);

// Waits for the first relevant item and takes it out of the inbox; in role client with all before it.
std::optional<peer::Item> take_next(Conversation&, Line&, const Relevant&, Instant until);

// What ends or breaks the whole connection, and so is relevant to every step. (A client begins with a protocol header;
// a broker that sends one has refused the client.)
Relevant what_concerns_all(Role);

// "nothing within 5s; unread are: ..." for a step to which nothing came.
std::string nothing_came(const Line&, Duration within);

// close-ok to an expected close (role broker; in role client the simulated broker replies).
void reply_to_close(Conversation&, Line&, const peer::Item&);

}  // namespace conformance::step
