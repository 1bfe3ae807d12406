// Priority queues: x-max-priority. Without it the property priority means nothing to a classic queue; quorum queues
// know priorities without being told (quorum_queue.hpp).
#pragma once

#include "simbroker/model/queue.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::extension {

// The rank of a message: 0 to the queue's maximum; a higher priority counts as the maximum.
std::uint8_t effective_priority(
    const model::Queue& queue, const model::Message& message, const profile::Profile& profile
);

}  // namespace simbroker::extension
