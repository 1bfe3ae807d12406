// Length limits: x-max-length, x-max-length-bytes, and x-overflow, which says who loses. Only ready messages count, and
// of their octets only those of the bodies.
#pragma once

#include "simbroker/model/queue.hpp"

namespace simbroker::extension {

// Whether a rejecting queue refuses `message`. Decided before consumers are looked at.
bool would_overflow(const model::Queue& queue, const model::Message& message);

// Whether a drop-head queue has to drop.
bool over_limit(const model::Queue& queue);

}  // namespace simbroker::extension
