#include "simbroker/core/deadline.hpp"

#include <fmt/format.h>

namespace simbroker {

std::string_view to_string(Deadline::Kind kind) {
    using Kind = Deadline::Kind;
    switch (kind) {
        case Kind::handshake_timeout: return "handshake_timeout";
        case Kind::close_timeout: return "close_timeout";
        case Kind::refusal_delay: return "refusal_delay";
        case Kind::heartbeat: return "heartbeat";
        case Kind::heartbeat_check: return "heartbeat_check";
        case Kind::delivery_timeout: return "delivery_timeout";
        case Kind::message_expiry: return "message_expiry";
        case Kind::queue_expiry: return "queue_expiry";
        case Kind::dead_letter_retry: return "dead_letter_retry";
        case Kind::delayed_message: return "delayed_message";
        case Kind::disk_sync: return "disk_sync";
        case Kind::delivery: return "delivery";
        case Kind::queue_work: return "queue_work";
        case Kind::fault: return "fault";
        case Kind::wire: return "wire";
        case Kind::tls_handshake: return "tls_handshake";
        case Kind::admission: return "admission";
        case Kind::other: return "other";
    }
    return "";
}

std::string to_string(const Deadline& deadline) {
    std::string text(to_string(deadline.kind));
    if (deadline.connection.value != 0) text += fmt::format(" of connection {}", deadline.connection.value);
    if (deadline.channel != 0) text += fmt::format(", channel {}", deadline.channel);
    if (deadline.vhost.empty()) return text;
    const auto* what = deadline.kind == Deadline::Kind::delayed_message ? "exchange" : "queue";
    return fmt::format("{} of {} \"{}\" in vhost \"{}\"", text, what, deadline.subject, deadline.vhost);
}

std::string in_seconds(Duration duration) {
    return fmt::format("{} s", std::chrono::duration<double>(duration).count());
}

}  // namespace simbroker
