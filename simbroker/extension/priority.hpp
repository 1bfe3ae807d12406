// Priority queues: x-max-priority. Without it the property priority means nothing to a classic queue.
#pragma once

#include "simbroker/model/queue.hpp"

namespace simbroker::extension {

// 0 to the queue's maximum; a higher priority counts as the maximum.
std::uint8_t effective_priority(const model::QueueSettings& settings, const model::Message& message);

}  // namespace simbroker::extension
