// A request that a plan, or a test, puts on the way to the client is nobody's but ours: the machine behind does not
// know of it, and must not see what the client answers to it (channel.flow-ok, basic.cancel-ok).
//
// A channel.close or connection.close means more. Until the client's close-ok nothing of that channel goes further, and
// the close-ok becomes a close of the client's own, whose close-ok the client in turn does not get to see. Both sides
// end up with the channel closed.
#pragma once

#include <map>

#include "codec/amqp091/row.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::fault {

class InsertedRequests {
public:
    enum class Verdict : std::uint8_t { pass, swallow };

    // Octets of ours go to the client.
    void note(codec::wire::BytesView inserted);

    // A frame of the client; `unit` may be changed.
    Verdict on_the_way_to_server(Unit& unit);
    // A frame of the machine behind.
    Verdict on_the_way_to_client(const Unit& unit);

    bool is_idle() const { return channels_.empty() && awaited_.empty(); }

private:
    bool takes_answer(const Unit&);

    enum class State : std::uint8_t {
        awaits_close_ok,    // of the client, to our close
        swallows_close_ok,  // of the machine, to the close we made of it
        crossed,            // the client had closed, too: its close-ok to ours goes no further
    };

    std::map<codec::amqp091::ChannelNumber, State> channels_;
    // Answers that go no further.
    std::multimap<codec::amqp091::ChannelNumber, codec::amqp091::MethodId> awaited_;
};

}  // namespace simbroker::fault
