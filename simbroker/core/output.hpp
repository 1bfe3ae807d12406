// Everything a broker does: octets to send, transports to drop, and a record of what happened inside; and what a
// machine in front of it does to the wires.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/wire.hpp"

namespace simbroker {

// All octets for one connection that one input caused are one Send, in wire order.
struct Send {
    ConnectionId connection;
    codec::wire::Bytes bytes;

    friend bool operator==(const Send&, const Send&) = default;
};

// Drop the transport after what was sent before. RabbitMQ resets it (RST); so does the socket driver.
struct Close {
    ConnectionId connection;

    friend bool operator==(const Close&, const Close&) = default;
};

struct Event {
    enum class Kind : std::uint8_t {
        connection_opened,  // subject: user@vhost, after connection.open-ok
        connection_closed,  // detail: why
        channel_opened,
        channel_closed,
        violation,  // subject: the violation's name, detail: the reply text sent; number: the reply code
        exchange_declared,
        exchange_deleted,
        queue_declared,
        queue_deleted,  // detail: deleted, auto-delete, exclusive or expired
        queue_bound,
        queue_unbound,
        consumer_added,  // subject: queue, detail: consumer tag
        consumer_cancelled,
        broker_stopped,        // detail: shutdown or crash
        broker_started,        // after a stop
        tls_handshake_failed,  // subject: the peer, detail: why; it never became a connection
        alarm,                 // subject: memory or disk, detail: raised or cleared; of a connection: see hold.hpp
        operated,              // subject: the operation's name, detail: the operation as JSON
        operation_refused,     // subject: the operation's name, detail: why
        listed,                // subject: what was asked for, detail: one row of the answer as JSON
        // Of the machine in front of the broker (fault/); subject: the rule's id.
        fault_added,  // detail: the rule as JSON
        fault_removed,
        fault_refused,  // detail: why
        fault_fired,    // detail: what it did; number: for which time, from 1
        // The following come once a message and only with BrokerConfig::observe_messages.
        message_published,      // subject: exchange, detail: routing key, number: body size
        message_routed,         // subject: queue
        message_unroutable,     // subject: exchange, detail: routing key
        message_delivered,      // subject: queue, number: delivery tag
        message_acknowledged,   // subject: queue, number: delivery tag
        message_requeued,       // subject: queue
        message_dropped,        // subject: queue, detail: expired, rejected, maxlen, purged ...
        message_dead_lettered,  // subject: queue, detail: reason
        // What befalls a broker and its machine.
        address_changed,  // subject: where clients find the broker now, "127.0.0.1:5673"; detail: why it did not move
        leader_moved,     // subject: the queue, detail: how long nobody leads it
        clock_jumped,     // detail: by how much
        version_changed,  // subject: the profile from now on, detail: the one before
    };

    Kind kind{};
    ConnectionId connection{};  // 0: no connection's doing
    std::uint16_t channel = 0;  // 0: no channel's doing
    std::string subject;
    std::string detail;
    std::uint64_t number = 0;

    friend bool operator==(const Event&, const Event&) = default;
};

std::string_view to_string(Event::Kind);  // "queue_declared"

using Output = std::variant<Send, Close, Event, Wire, Door>;
using Outputs = std::vector<Output>;

}  // namespace simbroker
