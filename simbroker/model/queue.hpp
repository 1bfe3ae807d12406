// A queue: its attributes, the messages that wait, the consumers that want them. What it does with a message
// that arrives or leaves is the virtual host's to say (virtual_host.hpp), for it takes timers and other queues.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "simbroker/core/connection_id.hpp"
#include "simbroker/model/ready_messages.hpp"
#include "simbroker/model/stream_log.hpp"
#include "simbroker/model/subscribers.hpp"
#include "simbroker/model/timers.hpp"
#include "simbroker/profile/queue_types.hpp"

namespace simbroker::model {

using profile::QueueType;

enum class Overflow : std::uint8_t { drop_head, reject_publish, reject_publish_dlx };

// At least once: a dead letter stays with its queue until those it was routed to have taken it.
enum class DeadLetterStrategy : std::uint8_t { at_most_once, at_least_once };

// x-delivery-limit as it was given; without a value it was no number.
struct DeliveryLimit {
    bool whole = true;  // false: a real number, here rounded down
    std::optional<std::int64_t> value;
};

// Which messages of a quorum queue wait before they are delivered again: those whose delivery failed, those that came
// back without, or both.
enum class DelayedRetry : std::uint8_t { none, all, failed, returned };

// What the arguments of queue.declare ask for; extension/ reads them.
struct QueueSettings {
    std::optional<Duration> message_ttl;
    std::optional<Duration> expires;
    std::optional<std::uint64_t> max_length;
    std::optional<std::uint64_t> max_length_bytes;
    Overflow overflow = Overflow::drop_head;
    std::optional<std::string> dead_letter_exchange;
    std::optional<std::string> dead_letter_routing_key;
    std::optional<std::uint8_t> max_priority;
    bool single_active_consumer = false;
    bool lazy = false;  // messages are on the disk only
    std::optional<DeliveryLimit> delivery_limit;
    DeadLetterStrategy dead_letter_strategy = DeadLetterStrategy::at_most_once;
    std::optional<std::chrono::milliseconds> consumer_timeout;
    DelayedRetry delayed_retry = DelayedRetry::none;
    std::optional<std::chrono::milliseconds> retry_min;
    std::optional<std::chrono::milliseconds> retry_max;
    std::optional<Duration> max_age;                 // of a stream's messages
    std::optional<std::uint64_t> max_segment_bytes;  // of a stream
};

// A dead letter of a queue that lets none get lost: ready to be published, and where it was already taken.
struct DeadLetterHeld {
    MessagePtr message;
    bool rejected = false;  // and so may come round in a circle
    bool redelivered = false;
    std::set<QueueId> taken_by;
    Instant next_try;
};

// A channel that rejected a message, which is never to get it again. Connections do not number a channel twice.
struct Refuser {
    ConnectionId connection;
    std::uint64_t channel = 0;

    friend auto operator<=>(const Refuser&, const Refuser&) = default;
};

struct QueueAttributes {
    QueueType type = QueueType::classic;
    bool durable = false;
    bool auto_delete = false;
    std::optional<ConnectionId> exclusive_owner;
    codec::wire::Bytes arguments;  // the octets of a field table
    QueueSettings settings;
};

inline std::size_t price_of(std::string_view name, const QueueAttributes& attributes) {
    return price::queue + price::kept_octet * (name.size() + attributes.arguments.size());
}

class Queue {
public:
    Queue(QueueId id, std::string name, QueueAttributes attributes)
        : id_(id), name_(std::move(name)), attributes_(std::move(attributes)) {
        if (attributes_.settings.single_active_consumer) subscribers.serve(Subscribers::Served::only_the_eldest);
    }

    QueueId id() const { return id_; }
    const std::string& name() const { return name_; }
    const QueueAttributes& attributes() const { return attributes_; }
    const QueueSettings& settings() const { return attributes_.settings; }
    void adopt(QueueSettings settings) { attributes_.settings = std::move(settings); }
    codec::amqp091::FieldTable arguments() const { return codec::amqp091::FieldTable::trusted(attributes_.arguments); }

    bool exclusive_to_another(ConnectionId connection) const {
        return attributes_.exclusive_owner && *attributes_.exclusive_owner != connection;
    }

    std::uint64_t next_position() { return ++last_position_; }

    // What queue.declare-ok tells. A stream has readers, and counts none of them.
    std::size_t message_count() const { return stream ? stream->count() : ready.count(); }
    std::size_t consumer_count() const { return stream ? 0 : subscribers.count(); }

    ReadyMessages ready;
    std::multimap<Instant, QueuedMessage> delayed;  // that came back and are ready again then
    std::optional<StreamLog> stream;                // instead of ready messages
    Subscribers subscribers;
    const Subscriber* exclusive_subscriber = nullptr;
    std::size_t unacknowledged = 0;
    std::map<std::uint64_t, std::set<Refuser>> refusals;  // by the position of a message, while that is in the queue
    std::deque<DeadLetterHeld> dead_letters;              // that must arrive at least once, the next to try first
    bool refusing_publishers = false;  // a quorum queue that was too long, until it has become short enough
    bool dispatch_pending = false;     // already on the virtual host's list
    std::string policy;                // the names of those that apply, or nothing
    std::string operator_policy;       //
    Timers::Handle unused_timer;
    Timers::Handle head_timer;
    Timers::Handle dead_letter_timer;
    Timers::Handle retry_timer;
    Charge charge;

private:
    QueueId id_;
    std::string name_;
    QueueAttributes attributes_;
    std::uint64_t last_position_ = 0;
};

}  // namespace simbroker::model
