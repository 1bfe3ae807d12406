#include "simbroker/core/output.hpp"

namespace simbroker {

std::string_view to_string(Event::Kind kind) {
    using Kind = Event::Kind;
    switch (kind) {
        case Kind::connection_opened: return "connection_opened";
        case Kind::connection_closed: return "connection_closed";
        case Kind::channel_opened: return "channel_opened";
        case Kind::channel_closed: return "channel_closed";
        case Kind::violation: return "violation";
        case Kind::exchange_declared: return "exchange_declared";
        case Kind::exchange_deleted: return "exchange_deleted";
        case Kind::queue_declared: return "queue_declared";
        case Kind::queue_deleted: return "queue_deleted";
        case Kind::queue_bound: return "queue_bound";
        case Kind::queue_unbound: return "queue_unbound";
        case Kind::consumer_added: return "consumer_added";
        case Kind::consumer_cancelled: return "consumer_cancelled";
        case Kind::broker_stopped: return "broker_stopped";
        case Kind::broker_started: return "broker_started";
        case Kind::tls_handshake_failed: return "tls_handshake_failed";
        case Kind::address_changed: return "address_changed";
        case Kind::alarm: return "alarm";
        case Kind::leader_moved: return "leader_moved";
        case Kind::clock_jumped: return "clock_jumped";
        case Kind::version_changed: return "version_changed";
        case Kind::operated: return "operated";
        case Kind::operation_refused: return "operation_refused";
        case Kind::listed: return "listed";
        case Kind::fault_added: return "fault_added";
        case Kind::fault_removed: return "fault_removed";
        case Kind::fault_refused: return "fault_refused";
        case Kind::fault_fired: return "fault_fired";
        case Kind::message_published: return "message_published";
        case Kind::message_routed: return "message_routed";
        case Kind::message_unroutable: return "message_unroutable";
        case Kind::message_delivered: return "message_delivered";
        case Kind::message_acknowledged: return "message_acknowledged";
        case Kind::message_requeued: return "message_requeued";
        case Kind::message_dropped: return "message_dropped";
        case Kind::message_dead_lettered: return "message_dead_lettered";
    }
    return "";
}

}  // namespace simbroker
