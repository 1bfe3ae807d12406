// A machine and its peers in virtual time: hours cost microseconds, and every run of the same script is the same run.
//
// Traffic is a queue ordered by (instant, sequence number). Deadlines of the machine come when nothing that is queued
// comes before or at the same instant. Whoever drives moves time: run_until_idle() goes on until no traffic is
// queued (deadlines may exist for ever: heartbeats), run_until() and advance() jump from event to event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/drive/link.hpp"
#include "simbroker/drive/timed_event.hpp"

namespace simbroker::drive {

// How a connection ended, as its peer learns it.
enum class Ending : std::uint8_t {
    none,
    orderly,  // FIN
    reset,    // RST
    refused,  // it never was a connection: nobody listens
};

struct SimulationOptions {
    LinkOptions to_broker{};  // of every new connection
    LinkOptions to_peer{};
    Seed seed = 0;                                   // of jitter and random segmentation
    std::size_t most_events = std::size_t{1} << 20;  // events kept until taken; older ones are forgotten first
    // Whether the peer is also called when the broker's side has accepted its connection (a SYN-ACK arrives).
    enum class Accepted : std::uint8_t { in_silence, announced };
    Accepted accepted = Accepted::in_silence;
    std::uint16_t port = 5672;
};

class Simulation {
public:
    // Called when octets arrived at the peer, or when its connection ended (closed(id) is true then). It may call
    // received, send, disconnect and connect, but not run.
    using Peer = std::function<void(Simulation&, ConnectionId)>;

    enum class RunEnd : std::uint8_t { reached, bound };  // bound: gave up after the number of steps allowed

    static constexpr std::size_t most_steps_by_default = 10'000'000;

    // The machine must outlive the simulation.
    explicit Simulation(Machine& machine, SimulationOptions options = {});

    // The peer's side. Nothing happens before the next run.
    ConnectionId connect(Peer peer = {});
    ConnectionId connect(LinkOptions to_broker, LinkOptions to_peer, Peer peer = {});
    void send(ConnectionId, codec::wire::BytesView bytes);
    codec::wire::Bytes received(ConnectionId);  // takes the octets that have arrived at the peer
    bool closed(ConnectionId) const;            // the broker's end of the connection, or a reset, has arrived
    bool accepted(ConnectionId) const;          // with SimulationOptions::Accepted::announced
    Ending ending(ConnectionId) const;          // how it ended, once closed(id)
    void disconnect(ConnectionId);              // an orderly end, after everything sent before

    // The wire's side.
    void reset(ConnectionId);  // both ends learn it now, what was under way is lost
    void change(const Wire&);  // as if the machine had said so
    void change(const Door&);
    void stall(ConnectionId id, Toward toward) { change(Wire{id, toward, wire::Stall{}}); }
    void resume(ConnectionId id, Toward toward) { change(Wire{id, toward, wire::Resume{}}); }
    void set_link(ConnectionId id, Toward toward, LinkOptions link) { change(Wire{id, toward, wire::Bend{link}}); }
    std::uint16_t port() const { return port_; }  // where clients find the broker; door::Move changes it
    // Octets that the peer has written and that nobody takes: they fill the buffers of its transport.
    std::size_t backlog(ConnectionId id) const { return find(id).to_broker.link.kept(); }

    // The operator's side: CloseConnection, SetAlarm, Shutdown, queued for now.
    void inject(Input);
    // The same at once, before what is queued for now. Not from within a peer.
    void handle_now(const Input&);

    std::vector<ConnectionId> open_connections() const;  // at the broker, oldest first

    // Time.
    Instant now() const { return now_; }
    std::optional<Instant> next_deadline() const { return machine_.next_deadline(); }
    std::optional<Instant> next_traffic() const;
    std::optional<Instant> next_event() const;  // traffic or deadline
    bool step();  // the next traffic or deadline, whichever comes first; false if there is neither
    RunEnd run_until_idle(std::size_t most_steps = most_steps_by_default);
    // Everything at that instant or before; then that is now.
    RunEnd run_until(Instant, std::size_t most_steps = most_steps_by_default);
    RunEnd advance(Duration duration) { return run_until(now_ + duration); }
    // Until a deadline was reached, with all traffic before it; how far that was, or nothing if there is no deadline.
    std::optional<Duration> advance_to_next(std::size_t most_steps = most_steps_by_default);

    std::vector<TimedEvent> take_events() { return events_.take(); }

private:
    struct Arrival {
        enum class Kind : std::uint8_t { connected, admitted, accepted, octets, flush, end, read_on, operator_input };
        Kind kind{};
        ConnectionId connection{};
        Toward direction = Toward::server;
        codec::wire::Bytes bytes{};
        Input input{};  // of operator_input
    };
    struct Way {  // one direction of a connection
        Link link;
        bool ended = false;     // nothing more is written
        bool end_held = false;  // the end waits behind a stall
    };
    struct Connection {
        Way to_broker;
        Way to_peer;
        Peer peer{};
        codec::wire::Bytes inbox{};  // arrived at the peer, not yet taken
        bool reset = false;          // what is under way is lost
        bool known_at_broker = false;
        bool gone_at_broker = false;   // the broker closed it or knows that it is gone
        bool ignored = false;          // it is connected, and nobody will ever look at it
        std::vector<Arrival> early{};  // while it waits at the door
        bool accepted_at_peer = false;
        bool closed_at_peer = false;
        Ending ending = Ending::orderly;  // to be, if it has not ended
        bool held_back = false;           // the broker reads nothing from it
        std::deque<Arrival> unread{};     // what has arrived nevertheless

        Way& way(Toward direction) { return direction == Toward::server ? to_broker : to_peer; }
    };

    Connection& find(ConnectionId);
    const Connection& find(ConnectionId) const;
    void queue(Instant at, Arrival arrival);
    void write(ConnectionId, Toward, codec::wire::BytesView);
    void queue_octets(ConnectionId, Toward, std::vector<Link::Arrival>);
    void end_way(ConnectionId, Toward);
    void end_by_broker(ConnectionId, Ending);
    void change_way(ConnectionId, const Wire&);
    LinkOptions bent(const LinkOptions&, const Wire&) const;
    void connect_at_broker(ConnectionId, Connection&);
    void admit(ConnectionId, Connection&);
    void handle(const Input&);
    void perform(Output&);
    void arrive(Arrival&);
    void arrive_at_broker(Connection&, Arrival&);
    void give_to_broker(Connection&, const Arrival&);
    void read_on(Connection&);
    void follow(const Event&);
    void arrive_at_peer(Connection&, const Arrival&);
    void take_step(Instant at);

    Machine& machine_;
    SimulationOptions options_;
    Instant now_{};
    std::uint64_t next_sequence_ = 0;
    std::uint32_t next_connection_ = 1;
    std::map<std::pair<Instant, std::uint64_t>, Arrival> queue_;
    std::map<ConnectionId, Connection> connections_;
    EventLog events_;
    LinkOptions usual_to_broker_;
    LinkOptions usual_to_peer_;
    door::Change door_{};
    std::uint16_t port_;
    Ending close_means_ = Ending::orderly;  // what a Close that the input at hand causes is for the peer
};

}  // namespace simbroker::drive
