// Everything that can happen to a broker. A driver turns sockets, a script or a file into these.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/core/operation.hpp"

namespace simbroker {

// Who a client's certificate says it is, in RabbitMQ's notation.
struct CertificateNames {
    std::string distinguished_name;
    std::string common_name;  // several are joined by commas; empty: none
    std::string host_name{};  // the first DNS name among the subject's alternative names; empty: none

    friend bool operator==(const CertificateNames&, const CertificateNames&) = default;
};

// What a transport over TLS knows of its peer.
struct TlsFacts {
    std::optional<CertificateNames> certificate{};  // one that was verified; nothing: the client gave none

    friend bool operator==(const TlsFacts&, const TlsFacts&) = default;
};

struct Connected {
    ConnectionId connection;        // not used before
    std::string peer;               // "127.0.0.1:50312", for reports only
    std::optional<TlsFacts> tls{};  // nothing: no TLS
};

// Octets arrived. They are the driver's; the broker keeps no view of them after `handle`.
struct Received {
    ConnectionId connection;
    codec::wire::BytesView bytes;
};

// The transport is gone: the peer closed it, reset it, or the network lost it.
struct Disconnected {
    ConnectionId connection;
};

// The transport of a connection takes octets more slowly than they come: its consumers get nothing until it is
// relieved.
struct Congestion {
    enum class State : std::uint8_t { relieved, congested };
    ConnectionId connection;
    State state{};
};

// Broker time reached `next_deadline()`, and nothing else happened.
struct DeadlineReached {};

// An operator closes a connection: connection.close 320 with this text.
struct CloseConnection {
    ConnectionId connection;
    std::string reason;
};

// A resource alarm goes up or down: publishing connections are blocked while any is up.
struct SetAlarm {
    enum class Resource : std::uint8_t { memory, disk };
    enum class State : std::uint8_t { cleared, raised };
    Resource resource{};
    State state{};
};

// An orderly stop: every connection is told 320 and closed, no new one is taken, and all that is durable is kept.
struct Shutdown {};

// The power goes: every connection is dropped without a word, no new one is taken. Durable queues keep the persistent
// messages that had reached the disk (BrokerConfig::disk_sync_delay); everything else in them is lost.
struct Crash {};

// Up again after Shutdown or Crash, with what is durable. Nothing happens to a broker that is up.
struct Start {};

// An operator sets or asks something. The answer is an event: `operated`, or `operation_refused` with the reason.
struct Operate {
    Operation operation;
};

// A rule of fault/README.md as JSON. The machine in front of the broker takes it (fault/interceptor.hpp), the broker
// itself knows nothing of faults. The answer is an event: `fault_added` with the rule's id, or `fault_refused`.
struct AddFault {
    std::string rule;
};

// The rule with this id acts no more, and what it held back goes on; empty: all rules.
struct RemoveFault {
    std::string id;
};

// What is held back under this label goes on; empty: under any.
struct ReleaseHeld {
    std::string label;
};

using Input = std::variant<
    Connected,
    Received,
    Disconnected,
    Congestion,
    DeadlineReached,
    CloseConnection,
    SetAlarm,
    Shutdown,
    Crash,
    Start,
    Operate,
    AddFault,
    RemoveFault,
    ReleaseHeld>;

// What a driver takes from an operator: everything but what comes of connections and the clock.
inline bool is_from_operator(const Input& input) {
    return std::holds_alternative<CloseConnection>(input) || std::holds_alternative<SetAlarm>(input) ||
           std::holds_alternative<Shutdown>(input) || std::holds_alternative<Crash>(input) ||
           std::holds_alternative<Start>(input) || std::holds_alternative<Operate>(input) ||
           std::holds_alternative<AddFault>(input) || std::holds_alternative<RemoveFault>(input) ||
           std::holds_alternative<ReleaseHeld>(input);
}

}  // namespace simbroker
