// Streams: x-queue-type stream. A log that many consumers read from places of their own choosing, without taking
// anything out of it; an acknowledgement only gives the consumer credit for one more message.
#pragma once

#include "simbroker/extension/queue_type.hpp"

namespace simbroker::extension {

model::StreamLimits stream_limits(const model::QueueSettings& settings);

// x-stream-filter and x-stream-match-unfiltered of basic.consume, where the version knows them.
model::StreamFilter stream_filter(codec::amqp091::FieldTable arguments, const profile::Profile& profile);

// Why a delivery out of a stream cannot be settled like this; nothing if it can.
enum class StreamSettlement : std::uint8_t { acknowledged, rejected, recovered };
std::optional<Refusal> refused_settlement(const Subject& subject, StreamSettlement settlement);

}  // namespace simbroker::extension
