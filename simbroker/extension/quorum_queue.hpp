// Quorum queues: x-queue-type quorum. Durable and shared by everybody, they count how often a delivery of a message
// failed (x-delivery-limit), and they return, order and drop messages in ways of their own, which differ by version.
#pragma once

#include <optional>

#include "simbroker/extension/queue_type.hpp"

namespace simbroker::extension {

// How a message comes back: by basic.nack or basic.reject with requeue, by basic.recover, because the channel ended, or
// because nobody said anything for too long.
enum class Return : std::uint8_t { nack, reject, recover, lost, timed_out };

// Where a message that came back belongs.
enum class ReturnPlace : std::uint8_t { its_own, front, tail, dead };

// Counts the return and says where to; for a queue of any type.
ReturnPlace take_back(const model::Queue& queue, model::QueuedMessage& message, Return how, const profile::Profile&);

// Whether such a return counts against the limit of deliveries.
bool is_failure(Return how, const profile::QuorumQueues& quorum);

// How often a delivery of a message may fail; nothing: without end.
std::optional<std::int64_t> delivery_limit(const model::QueueSettings& settings, const profile::QuorumQueues& quorum);

// x-dead-letter-strategy at-least-once, which needs a queue that refuses rather than drops.
bool lets_no_dead_letter_get_lost(const model::Queue& queue);

// The rank in which a quorum queue serves a message.
std::uint8_t quorum_priority(const model::Message& message, const profile::QuorumQueues& quorum);

// Content properties with the counts of deliveries in the headers; nothing if there is none to tell.
std::optional<codec::wire::Bytes> with_delivery_counts(
    const model::QueuedMessage& message, Passage passage, const profile::QuorumQueues& quorum
);

}  // namespace simbroker::extension
