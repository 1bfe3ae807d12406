// The queue of a simulation: who gets what at which instant, in which order.
#include "simbroker/drive/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simbroker/core/hold.hpp"
#include "simbroker/core/overloaded.hpp"

namespace simbroker::drive {

using codec::wire::Bytes;
using codec::wire::BytesView;

Simulation::Simulation(Machine& machine, SimulationOptions options)
    : machine_(machine),
      options_(options),
      events_(options.most_events),
      usual_to_broker_(options.to_broker),
      usual_to_peer_(options.to_peer),
      port_(options.port) {}

Simulation::Connection& Simulation::find(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        throw std::invalid_argument(fmt::format("the simulation has no connection {}", id.value));
    }
    return found->second;
}

const Simulation::Connection& Simulation::find(ConnectionId id) const {
    return const_cast<Simulation*>(this)->find(id);
}

void Simulation::queue(Instant at, Arrival arrival) {
    queue_.emplace(std::pair{std::max(at, now_), next_sequence_++}, std::move(arrival));
}

void Simulation::write(ConnectionId id, Toward direction, BytesView bytes) {
    auto& link = find(id).way(direction).link;
    const bool gathered = link.flush_due().has_value();
    queue_octets(id, direction, link.carry(now_, bytes));
    if (gathered || !link.flush_due()) return;
    queue(*link.flush_due(), {.kind = Arrival::Kind::flush, .connection = id, .direction = direction});
}

void Simulation::queue_octets(ConnectionId id, Toward direction, std::vector<Link::Arrival> pieces) {
    for (auto& piece : pieces) {
        queue(
            piece.at,
            {.kind = Arrival::Kind::octets, .connection = id, .direction = direction, .bytes = std::move(piece.bytes)}
        );
    }
}

void Simulation::end_way(ConnectionId id, Toward direction) {
    auto& way = find(id).way(direction);
    way.ended = true;
    if (way.link.vanishes()) return;
    way.end_held = way.link.stalled();
    if (way.end_held) return;
    queue_octets(id, direction, way.link.flush(now_));
    queue(way.link.carry_end(now_), {.kind = Arrival::Kind::end, .connection = id, .direction = direction});
}

// ---- the peer's side

ConnectionId Simulation::connect(Peer peer) { return connect(options_.to_broker, options_.to_peer, std::move(peer)); }

ConnectionId Simulation::connect(LinkOptions to_broker, LinkOptions to_peer, Peer peer) {
    const ConnectionId id{next_connection_++};
    const auto chance = [&](std::string_view way) {
        return Prng::fork(options_.seed, fmt::format("link {} {}", id.value, way));
    };
    auto& connection = connections_
                           .emplace(
                               id,
                               Connection{
                                   .to_broker = {.link = Link(to_broker, chance("to broker"))},
                                   .to_peer = {.link = Link(to_peer, chance("to peer"))},
                                   .peer = std::move(peer),
                               }
                           )
                           .first->second;
    queue(connection.to_broker.link.carry_end(now_), {.kind = Arrival::Kind::connected, .connection = id});
    return id;
}

void Simulation::send(ConnectionId id, BytesView bytes) {
    auto& connection = find(id);
    if (connection.closed_at_peer || connection.to_broker.ended) return;  // as a closed socket: nobody gets it
    write(id, Toward::server, bytes);
}

Bytes Simulation::received(ConnectionId id) { return std::exchange(find(id).inbox, {}); }

bool Simulation::closed(ConnectionId id) const { return find(id).closed_at_peer; }

bool Simulation::accepted(ConnectionId id) const { return find(id).accepted_at_peer; }

Ending Simulation::ending(ConnectionId id) const {
    const auto& connection = find(id);
    return connection.closed_at_peer ? connection.ending : Ending::none;
}

void Simulation::disconnect(ConnectionId id) {
    const auto& connection = find(id);
    if (!connection.closed_at_peer && !connection.to_broker.ended) end_way(id, Toward::server);
}

// ---- the wire's side

void Simulation::reset(ConnectionId id) {
    auto& connection = find(id);
    if (connection.reset) return;
    connection.reset = true;
    connection.ending = Ending::reset;
    queue(now_, {.kind = Arrival::Kind::end, .connection = id, .direction = Toward::server});
    queue(now_, {.kind = Arrival::Kind::end, .connection = id, .direction = Toward::client});
}

void Simulation::change(const Wire& wire) {
    if (wire.connection.value != 0) return change_way(wire.connection, wire);
    for (const auto& [id, connection] : connections_) change_way(id, wire);
    auto& to_come = wire.toward == Toward::server ? options_.to_broker : options_.to_peer;
    to_come = bent(to_come, wire);
}

// How octets travel after such a change, if it is about that.
LinkOptions Simulation::bent(const LinkOptions& link, const Wire& wire) const {
    if (const auto* bend = std::get_if<wire::Bend>(&wire.change)) return with_parts(link, bend->parts, bend->link);
    const auto* unbend = std::get_if<wire::Unbend>(&wire.change);
    const auto& usual = wire.toward == Toward::server ? usual_to_broker_ : usual_to_peer_;
    return unbend ? with_parts(link, unbend->parts, usual) : link;
}

void Simulation::change_way(ConnectionId id, const Wire& wire) {
    auto& way = find(id).way(wire.toward);
    std::visit(
        Overloaded{
            [&](const wire::Bend&) { way.link.set_options(bent(way.link.options(), wire)); },
            [&](const wire::Unbend&) { way.link.set_options(bent(way.link.options(), wire)); },
            [&](const wire::Stall&) { way.link.stall(); },
            [&](const wire::Resume&) {
                queue_octets(id, wire.toward, way.link.resume(now_));
                if (std::exchange(way.end_held, false)) end_way(id, wire.toward);
            },
            [&](const wire::Vanish&) { way.link.vanish(); },
            [&](const wire::Corrupt& corrupt) { way.link.corrupt(corrupt.offset, corrupt.mask); },
            [&](const wire::End& end) {
                end_by_broker(id, end.how == wire::End::How::fin ? Ending::orderly : Ending::reset);
            },
        },
        wire.change
    );
}

void Simulation::change(const Door& door) {
    if (std::holds_alternative<door::ShowCertificate>(door.change)) return;  // nobody is shown any here
    if (const auto* move = std::get_if<door::Move>(&door.change)) {
        port_ = move->port != 0 ? move->port : static_cast<std::uint16_t>(port_ == UINT16_MAX ? 1024 : port_ + 1);
        events_.add(
            now_, {.kind = Event::Kind::address_changed, .subject = fmt::format("simulated:{}", port_), .detail = {}}
        );
        return;
    }
    door_ = door.change;
}

void Simulation::inject(Input input) {
    if (!is_from_operator(input)) throw std::invalid_argument("inject takes an operator's inputs only");
    queue(now_, {.kind = Arrival::Kind::operator_input, .input = std::move(input)});
}

void Simulation::handle_now(const Input& input) {
    if (!is_from_operator(input)) throw std::invalid_argument("handle_now takes an operator's inputs only");
    handle(input);
}

std::vector<ConnectionId> Simulation::open_connections() const {
    std::vector<ConnectionId> open;
    for (const auto& [id, connection] : connections_) {
        if (connection.known_at_broker && !connection.gone_at_broker) open.push_back(id);
    }
    return open;
}

// ---- what happens at an instant

// A broker that is down has nobody who listens, and one whose power goes takes its transports with it.
void Simulation::handle(const Input& input) {
    close_means_ = std::holds_alternative<Connected>(input) ? Ending::refused
                   : std::holds_alternative<Crash>(input)   ? Ending::reset
                                                            : Ending::orderly;
    for (auto& output : machine_.handle(now_, input)) perform(output);
}

void Simulation::perform(Output& output) {
    if (auto* event = std::get_if<Event>(&output)) {
        follow(*event);
        events_.add(now_, std::move(*event));
        return;
    }
    if (const auto* send = std::get_if<Send>(&output)) {
        if (!find(send->connection).gone_at_broker) write(send->connection, Toward::client, send->bytes);
        // Octets for a peer that has closed come back as a reset, which even who does not read takes notice of.
        const auto is_end = [](const Arrival& arrival) { return arrival.kind == Arrival::Kind::end; };
        if (std::ranges::any_of(find(send->connection).unread, is_end)) reset(send->connection);
    } else if (const auto* wire = std::get_if<Wire>(&output)) {
        change(*wire);
    } else if (const auto* door = std::get_if<Door>(&output)) {
        change(*door);
    } else {
        end_by_broker(std::get<Close>(output).connection, close_means_);
    }
}

void Simulation::end_by_broker(ConnectionId id, Ending ending) {
    auto& connection = find(id);
    if (connection.gone_at_broker) return;
    connection.gone_at_broker = true;
    connection.ending = ending;
    end_way(id, Toward::client);
}

void Simulation::arrive(Arrival& arrival) {
    if (arrival.kind == Arrival::Kind::operator_input) {
        handle(arrival.input);
        return;
    }
    auto& connection = find(arrival.connection);
    if (connection.reset && arrival.kind == Arrival::Kind::octets) return;
    if (arrival.kind == Arrival::Kind::flush) {
        queue_octets(arrival.connection, arrival.direction, connection.way(arrival.direction).link.flush(now_));
        return;
    }
    if (arrival.direction == Toward::server) {
        arrive_at_broker(connection, arrival);
    } else {
        arrive_at_peer(connection, arrival);
    }
}

// A broker that holds a client back leaves what comes in the transport, its end included.
void Simulation::follow(const Event& event) {
    const auto hold = hold_in(event);
    if (!hold) return;
    find(event.connection).held_back = *hold == Hold::begins;
    if (*hold == Hold::ends) queue(now_, {.kind = Arrival::Kind::read_on, .connection = event.connection});
}

void Simulation::arrive_at_broker(Connection& connection, Arrival& arrival) {
    if (arrival.kind == Arrival::Kind::read_on) return read_on(connection);
    const bool waits = connection.held_back || !connection.unread.empty();
    if (!waits || connection.reset) return give_to_broker(connection, arrival);
    connection.unread.push_back(std::move(arrival));
}

void Simulation::read_on(Connection& connection) {
    while (!connection.held_back && !connection.unread.empty()) {
        const auto arrival = std::move(connection.unread.front());
        connection.unread.pop_front();
        give_to_broker(connection, arrival);
    }
}

void Simulation::give_to_broker(Connection& connection, const Arrival& arrival) {
    const auto id = arrival.connection;
    if (arrival.kind == Arrival::Kind::connected) return connect_at_broker(id, connection);
    if (arrival.kind == Arrival::Kind::admitted) return admit(id, connection);
    if (connection.gone_at_broker || connection.ignored) return;
    if (!connection.known_at_broker) {
        connection.early.push_back(std::move(arrival));
        return;
    }
    if (arrival.kind == Arrival::Kind::octets) {
        handle(Received{id, arrival.bytes});
        return;
    }
    connection.gone_at_broker = true;
    handle(Disconnected{id});
    // The broker's side closes too, as a socket does; the peer that closed first learns it as well.
    if (!connection.to_peer.ended) end_way(id, Toward::client);
}

// ---- at the door

// The kernel accepts a connection before anybody looks at it.
void Simulation::connect_at_broker(ConnectionId id, Connection& connection) {
    if (std::holds_alternative<door::Refuse>(door_)) return end_by_broker(id, Ending::refused);
    const auto* delay = std::get_if<door::Delay>(&door_);
    connection.ignored = std::holds_alternative<door::Silence>(door_);
    if (!delay && !connection.ignored) admit(id, connection);
    if (connection.gone_at_broker) return;
    if (delay) queue(now_ + delay->by, {.kind = Arrival::Kind::admitted, .connection = id});
    if (options_.accepted == SimulationOptions::Accepted::in_silence) return;
    queue(
        connection.to_peer.link.carry_end(now_),
        {.kind = Arrival::Kind::accepted, .connection = id, .direction = Toward::client}
    );
}

void Simulation::admit(ConnectionId id, Connection& connection) {
    connection.known_at_broker = true;
    handle(Connected{id, fmt::format("simulated:{}", id.value)});
    for (auto& arrival : std::exchange(connection.early, {})) arrive_at_broker(connection, arrival);
}

void Simulation::arrive_at_peer(Connection& connection, const Arrival& arrival) {
    if (connection.closed_at_peer) return;
    if (arrival.kind == Arrival::Kind::octets) {
        connection.inbox.insert(connection.inbox.end(), arrival.bytes.begin(), arrival.bytes.end());
    } else if (arrival.kind == Arrival::Kind::accepted) {
        connection.accepted_at_peer = true;
    } else {
        connection.closed_at_peer = true;
    }
    if (connection.peer) connection.peer(*this, arrival.connection);
}

// ---- time

std::optional<Instant> Simulation::next_traffic() const {
    return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first.first);
}

std::optional<Instant> Simulation::next_event() const {
    const auto traffic = next_traffic();
    const auto deadline = machine_.next_deadline();
    if (!traffic || !deadline) return traffic ? traffic : deadline;
    return std::min(*traffic, *deadline);
}

// Traffic goes before a deadline of the same instant: the machine does what is due first anyway.
void Simulation::take_step(Instant at) {
    now_ = std::max(now_, at);
    if (queue_.empty() || queue_.begin()->first.first > now_) {
        handle(DeadlineReached{});
        return;
    }
    auto arrival = queue_.extract(queue_.begin());
    arrive(arrival.mapped());
}

bool Simulation::step() {
    const auto next = next_event();
    if (next) take_step(*next);
    return next.has_value();
}

Simulation::RunEnd Simulation::run_until_idle(std::size_t most_steps) {
    const auto is_due = [this](std::optional<Instant> deadline) { return deadline && *deadline <= now_; };
    for (std::size_t steps = 0; !queue_.empty() || is_due(machine_.next_deadline()); ++steps) {
        if (steps == most_steps) return RunEnd::bound;
        take_step(*next_event());
    }
    return RunEnd::reached;
}

Simulation::RunEnd Simulation::run_until(Instant until, std::size_t most_steps) {
    for (std::size_t steps = 0;; ++steps) {
        const auto next = next_event();
        if (!next || *next > until) break;
        if (steps == most_steps) return RunEnd::bound;
        take_step(*next);
    }
    now_ = std::max(now_, until);
    return RunEnd::reached;
}

std::optional<Duration> Simulation::advance_to_next(std::size_t most_steps) {
    const auto start = now_;
    for (std::size_t steps = 0; steps < most_steps; ++steps) {
        const auto next = next_event();
        if (!next) return std::nullopt;
        const bool deadline = queue_.empty() || queue_.begin()->first.first > *next;
        take_step(*next);
        if (deadline) return now_ - start;
    }
    return std::nullopt;
}

}  // namespace simbroker::drive
