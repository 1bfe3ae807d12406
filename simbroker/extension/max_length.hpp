// Length limits: x-max-length, x-max-length-bytes, and x-overflow, which says who loses. Only ready messages count, and
// of their octets only those of the bodies, save where a type of queue has it otherwise.
#pragma once

#include "simbroker/model/queue.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::extension {

// Whether a rejecting queue refuses `message`. Decided before consumers are looked at.
bool would_overflow(const model::Queue& queue, const model::Message& message, const profile::Profile& profile);

// Whether a drop-head queue has to drop.
bool over_limit(const model::Queue& queue, const profile::Profile& profile);

// To be called when the length of a queue has changed: a quorum queue takes what makes it too long, refuses publishers
// from then on, and takes messages again only when it has become a fifth shorter than it may be.
void note_length(model::Queue& queue, const profile::Profile& profile);

}  // namespace simbroker::extension
