// Delayed retry of quorum queues (RabbitMQ 4.3): a message that came back is not delivered again before a pause has
// passed, which grows with the deliveries that failed: x-delayed-retry-min times their number, at most -max.
#pragma once

#include <optional>

#include "simbroker/extension/quorum_queue.hpp"

namespace simbroker::extension {

// The pause of a message that take_back has counted; nothing: none.
std::optional<Duration> retry_delay(
    const model::Queue& queue, const model::QueuedMessage& message, Return how, const profile::Profile& profile
);

}  // namespace simbroker::extension
