// How a peer ends a connection, as expect_close and the `close` alternative of expect_one_of take it:
//   {connection.close: {..}} | {protocol_header: [..]} | abrupt | any
#pragma once

#include "conformance/step/arrival.hpp"

namespace conformance::step {

std::optional<std::string> ending_error(const nlohmann::json& ending);

// Whether the item is how this ending begins. `why`, if not.
std::optional<std::string> ending_difference(const peer::Item&, const nlohmann::json& ending);

// The rest after its beginning: our close-ok, and the transport has to end.
Outcome finish_ending(Conversation&, Line&, const peer::Item& beginning, Instant until);

std::string describe_ending(const nlohmann::json& ending);

}  // namespace conformance::step
