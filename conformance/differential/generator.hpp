// Makes up what clients do: two connections, three channels, a few queues and exchanges of their own, operations valid
// and not. The same seed and number give the same dialogue.
//
// What a broker may do in either order is avoided where the transcript could not hide it: a channel consumes from one
// queue only, so that delivery tags do not depend on which queue was faster; operations follow each other without a
// settle only on one channel; and what breaks frames comes when nothing else is on its way.
#pragma once

#include "conformance/dialogue/dialogue.hpp"
#include "simbroker/core/prng.hpp"

namespace conformance::differential {

struct SequenceOptions {
    simbroker::Seed seed = 0;
    std::uint64_t number = 0;
    std::size_t operations = 40;
};

dialogue::Dialogue make_sequence(const SequenceOptions& options);

}  // namespace conformance::differential
