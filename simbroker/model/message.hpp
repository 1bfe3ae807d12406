// A published message: immutable from the moment it is routed, and shared by every queue it reaches. Its body is copied
// once, out of the segments it arrived in, and never again until it leaves.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/amqp091/field_table.hpp"
#include "codec/wire/bytes.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/model/disk.hpp"
#include "simbroker/model/memory_account.hpp"

namespace simbroker::model {

// Why and where a message was dead-lettered, and how often that happened for the same reason in the same queue.
struct Death {
    std::string queue;
    std::string reason;  // rejected, expired, maxlen or delivery_limit
    std::int64_t count = 1;
    std::uint64_t time = 0;  // of the first, in seconds since 1970
    std::string exchange;
    std::vector<std::string> routing_keys;
    std::optional<std::string> original_expiration;
};

struct Message {
    std::string exchange;                   // it was published to
    std::vector<std::string> routing_keys;  // the routing key, then the CC keys
    std::vector<std::string> hidden_keys;   // the BCC keys: routed by, and never shown
    codec::wire::Bytes property_octets;     // flags and property list, as a content header has them
    codec::wire::BytesView body;            // its own, or that of the message it is a dead-lettered form of

    // Read out of property_octets once.
    codec::amqp091::FieldTable headers;  // views property_octets
    std::optional<std::uint8_t> priority;
    bool persistent = false;
    bool delay_served = false;  // by an exchange of type x-delayed-message
    std::optional<Duration> expiration;
    std::optional<ConnectionId> publisher;  // nobody's: what the broker made itself, such as a dead letter

    // Only where the profile keeps them apart from the headers.
    std::vector<Death> deaths;  // the latest first
    std::shared_ptr<const Death> first_death;

    Message() = default;
    Message(const Message&) = delete;  // headers and body view this object's own octets
    Message& operator=(const Message&) = delete;

    void own_body(codec::wire::Bytes octets) {
        body_octets_ = std::move(octets);
        body = body_octets_;
    }
    void share_body(std::shared_ptr<const Message> owner) {
        body = owner->body;
        body_owner_ = std::move(owner);
    }

    const std::string& routing_key() const { return routing_keys.front(); }
    std::size_t size() const { return property_octets.size() + body.size(); }

    // What it costs the broker to keep it in one queue.
    std::size_t memory() const {
        return size() + price::message + price::routing_key * (routing_keys.size() + hidden_keys.size());
    }

private:
    codec::wire::Bytes body_octets_;
    std::shared_ptr<const Message> body_owner_;
};

using MessagePtr = std::shared_ptr<const Message>;

// A message's place in one queue. It moves out to a consumer and, unless acknowledged, back.
struct QueuedMessage {
    MessagePtr message;
    std::uint64_t position = 0;         // grows with every enqueueing; a requeued message returns to its own
    std::uint8_t priority = 0;          // the rank in its queue: capped at the queue's maximum
    std::optional<Instant> expires_at;  // the earlier of queue's and message's time to live
    bool redelivered = false;
    bool delivery_failed = false;  // rejected once, or its channel ended: RabbitMQ 4.3 tells the reader of dead letters
    WriteNumber stored = 0;        // the write that put it on the disk

    bool kept_by_stream = false;  // and only lent to the consumer; its position is its offset

    // Only of a quorum queue: how often a delivery failed, and how often the message came back at all.
    std::int64_t delivery_count = 0;
    std::int64_t acquired_count = 0;
};

}  // namespace simbroker::model
