// What a broker does next by itself, and whose affair it is: for people who turn a clock by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/instant.hpp"

namespace simbroker {

struct Deadline {
    enum class Kind : std::uint8_t {
        handshake_timeout,  // the connection should be open by then
        close_timeout,      // the answer to our connection.close should have come
        refusal_delay,      // the end of the pause before a connection that was refused is dropped
        heartbeat,          // of ours, if nothing else was sent
        heartbeat_check,    // whether the client has said anything
        delivery_timeout,   // deliveries should be acknowledged by then
        message_expiry,     // the time to live of the queue's first message
        queue_expiry,       // x-expires
        dead_letter_retry,  // of those that must arrive at least once
        delayed_message,    // the end of its delay; subject: the exchange
        disk_sync,          // the oldest write under way reaches the disk
        delivery,           // more for consumers that had enough at once
        fault,              // something that a fault plan keeps back
        other,
        queue_work,     // the end of what a slow or leaderless queue is busy with
        wire,           // octets on a wire that takes its time
        tls_handshake,  // the client should have finished it by then
        admission,      // the end of what a client waits at the door
    };

    Kind kind = Kind::other;
    Instant at{};
    ConnectionId connection{};  // 0: no connection's
    std::uint16_t channel = 0;  // 0: no channel's
    std::string vhost{};
    std::string subject{};  // the queue, or the exchange

    friend bool operator==(const Deadline&, const Deadline&) = default;
};

std::string_view to_string(Deadline::Kind);  // "message_expiry"

// "message_expiry of queue "orders" in vhost "/"", "heartbeat_check of connection 3"
std::string to_string(const Deadline&);

// Durations as people say them: "30 s", "0.25 s".
std::string in_seconds(Duration);

}  // namespace simbroker
