// The queue of a simulation: who gets what at which instant, in which order.
#include "simbroker/drive/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simbroker/core/hold.hpp"

namespace simbroker::drive {

using codec::wire::Bytes;
using codec::wire::BytesView;

Simulation::Simulation(Machine& machine, SimulationOptions options)
    : machine_(machine), options_(options), events_(options.most_events) {}

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

void Simulation::queue_octets(ConnectionId id, Direction direction, std::vector<Link::Arrival> pieces) {
    for (auto& piece : pieces) {
        queue(
            piece.at,
            {.kind = Arrival::Kind::octets, .connection = id, .direction = direction, .bytes = std::move(piece.bytes)}
        );
    }
}

void Simulation::end_way(ConnectionId id, Direction direction) {
    auto& way = find(id).way(direction);
    way.ended = true;
    way.end_held = way.link.stalled();
    if (way.end_held) return;
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
    queue_octets(id, Direction::to_broker, connection.to_broker.link.carry(now_, bytes));
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
    if (!connection.closed_at_peer && !connection.to_broker.ended) end_way(id, Direction::to_broker);
}

// ---- the wire's side

void Simulation::reset(ConnectionId id) {
    auto& connection = find(id);
    if (connection.reset) return;
    connection.reset = true;
    connection.ending = Ending::reset;
    queue(now_, {.kind = Arrival::Kind::end, .connection = id, .direction = Direction::to_broker});
    queue(now_, {.kind = Arrival::Kind::end, .connection = id, .direction = Direction::to_peer});
}

void Simulation::stall(ConnectionId id, Direction direction) { find(id).way(direction).link.stall(); }

void Simulation::resume(ConnectionId id, Direction direction) {
    auto& way = find(id).way(direction);
    queue_octets(id, direction, way.link.resume(now_));
    if (std::exchange(way.end_held, false)) end_way(id, direction);
}

void Simulation::corrupt(ConnectionId id, Direction direction, std::uint64_t offset, std::uint8_t mask) {
    find(id).way(direction).link.corrupt(offset, mask);
}

void Simulation::set_link(ConnectionId id, Direction direction, LinkOptions options) {
    find(id).way(direction).link.set_options(options);
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
        auto& connection = find(send->connection);
        if (connection.gone_at_broker) return;
        queue_octets(send->connection, Direction::to_peer, connection.to_peer.link.carry(now_, send->bytes));
        // Octets for a peer that has closed come back as a reset, which even who does not read takes notice of.
        const auto is_end = [](const Arrival& arrival) { return arrival.kind == Arrival::Kind::end; };
        if (std::ranges::any_of(connection.unread, is_end)) reset(send->connection);
        return;
    }
    const auto id = std::get<Close>(output).connection;
    auto& connection = find(id);
    if (connection.gone_at_broker) return;
    connection.gone_at_broker = true;
    connection.ending = close_means_;
    end_way(id, Direction::to_peer);
}

void Simulation::arrive(Arrival& arrival) {
    if (arrival.kind == Arrival::Kind::operator_input) {
        handle(arrival.input);
        return;
    }
    auto& connection = find(arrival.connection);
    if (connection.reset && arrival.kind == Arrival::Kind::octets) return;
    if (arrival.direction == Direction::to_broker) {
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
    if (arrival.kind == Arrival::Kind::connected) {
        connection.known_at_broker = true;
        handle(Connected{id, fmt::format("simulated:{}", id.value)});
        if (connection.gone_at_broker || options_.accepted == SimulationOptions::Accepted::in_silence) return;
        queue(
            connection.to_peer.link.carry_end(now_),
            {.kind = Arrival::Kind::accepted, .connection = id, .direction = Direction::to_peer}
        );
        return;
    }
    if (connection.gone_at_broker) return;
    if (arrival.kind == Arrival::Kind::octets) {
        handle(Received{id, arrival.bytes});
        return;
    }
    connection.gone_at_broker = true;
    handle(Disconnected{id});
    // The broker's side closes too, as a socket does; the peer that closed first learns it as well.
    if (!connection.to_peer.ended) end_way(id, Direction::to_peer);
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
