// Opening a connection in good order (2.2.4), as far as the scenario wants it.
#pragma once

#include "conformance/step/conversation.hpp"

namespace conformance::step {

// `options` as the verb connect takes them; what is wrong with them whatever happens.
std::optional<std::string> connect_options_error(const nlohmann::json& options);

// A new line with these options; the handshake goes up to `until`. Sets $channel_max, $frame_max and $heartbeat.
Outcome connect(Conversation&, const nlohmann::json& options, Duration within);

// connection.close, close-ok, and the end of the transport. What was not read stays in the inbox.
Outcome close(Conversation&, Line&, Duration within);

// channel.open and open-ok
Outcome open_channel(Conversation&, Line&, codec::amqp091::ChannelNumber, Duration within);

}  // namespace conformance::step
