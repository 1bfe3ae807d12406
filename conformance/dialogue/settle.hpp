// Waiting until nothing is on its way any more. A fence is a harmless synchronous method: what a channel was told
// before is done when its fence is answered. Then the queues are asked how they are (watch.hpp), and what they still
// sent to other channels arrives before the second fence, or else within `quiet`, which only costs time where time is
// real.
#pragma once

#include <set>

#include "conformance/dialogue/scribe.hpp"
#include "conformance/dialogue/watch.hpp"

namespace conformance::dialogue {

// What comes on the line until the fence on this channel is answered, or cannot be.
std::vector<Heard> hear_until_fence(Client& client, Line& line, codec::amqp091::ChannelNumber channel, Duration within);

// What one connection said while everything settled.
struct Settled {
    std::vector<Heard> heard;
    std::set<codec::amqp091::ChannelNumber> closed;  // channels that have to be opened again
    bool over = false;                               // the connection has to be opened again
};

// `channels` of each connection are open at the beginning.
std::map<unsigned, Settled> settle(
    Client& client,
    Watch& watch,
    const std::map<unsigned, std::vector<codec::amqp091::ChannelNumber>>& channels,
    Duration quiet
);

}  // namespace conformance::dialogue
