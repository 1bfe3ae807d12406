// Waiting until nothing is on its way any more, without a clock: a fence is a harmless synchronous method, and what a
// channel does is done before its fence is answered.
#pragma once

#include "conformance/dialogue/scribe.hpp"

namespace conformance::dialogue {

// What comes on the line until the fence on this channel is answered, or cannot be.
std::vector<Heard> hear_until_fence(Client& client, Line& line, codec::amqp091::ChannelNumber channel, Duration within);

// For every connection in turn what has come, as text.
std::map<unsigned, std::string> settled(Client& client, Scribe& scribe);

}  // namespace conformance::dialogue
