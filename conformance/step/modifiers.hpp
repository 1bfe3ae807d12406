// The modifiers that verbs share.
#pragma once

#include "conformance/step/verb.hpp"

namespace conformance::step {

// What is wrong with the modifiers' values (not whether the verb takes them).
std::optional<std::string> modifier_error(const nlohmann::json& modifiers);

Duration within(const Conversation&, const Step&);  // the conversation's patience unless it says so
std::expected<Line*, Trouble> line_of(Conversation&, const Step&);

// The channel the step names, or 0 for what is about the connection, or the usual one: 1, or in role client the one
// the client opened last.
codec::amqp091::ChannelNumber channel_of(Conversation&, const Line&, const Step&);
bool names_channel(const Step&);

// Over TCP time is real: `unsupported` if the stage does not allow that much of it.
Outcome waiting_allowed(Conversation&, Duration);

// save: {variable: part}
Outcome save_parts(Conversation&, const Step&, const peer::Item&);
Outcome save_members(Conversation&, const Step&, const nlohmann::json&);

}  // namespace conformance::step
