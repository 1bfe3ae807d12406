// What rules do to wires, to the door and to the broker itself. Wires and doors are the driver's: it is told in an
// output.
#include "simbroker/core/overloaded.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::fault {

using codec::wire::Bytes;

namespace {

// What undoes a change of a wire, if anything does.
std::optional<wire::Change> undoing(const wire::Change& change) {
    if (const auto* bend = std::get_if<wire::Bend>(&change)) return wire::Unbend{bend->parts};
    if (std::holds_alternative<wire::Stall>(change)) return wire::Resume{};
    return std::nullopt;
}

std::optional<door::Change> undoing(const door::Change& change) {
    if (std::holds_alternative<door::ShowCertificate>(change)) return door::ShowCertificate{};
    if (std::holds_alternative<door::Open>(change) || std::holds_alternative<door::Move>(change)) return std::nullopt;
    return door::Open{};
}

}  // namespace

bool is_mishap(const Fault& fault) {
    return std::holds_alternative<ChangeWire>(fault) || std::holds_alternative<ChangeDoor>(fault) ||
           std::holds_alternative<Order>(fault) || std::holds_alternative<Alarm>(fault) ||
           std::holds_alternative<KillConnection>(fault);
}

// To one connection; to all that there are and to those to come, if it is 0.
void Interceptor::befall(ConnectionId connection, const Firing& firing) {
    flush_to_server();
    const auto keep_undo = [&](Fault undo, std::optional<Duration> lasting) {
        kept_.push_back(
            {.kind = Kept::Kind::undo,
             .rule = firing.id,
             .due = lasting ? std::optional(now_ + *lasting) : std::nullopt,
             .connection = connection,
             .undo = std::move(undo)}
        );
    };
    std::visit(
        Overloaded{
            [&](const ChangeWire& act) {
                change_wire(connection, act);
                if (auto undo = undoing(act.change)) {
                    keep_undo(ChangeWire{.way = act.way, .change = std::move(*undo)}, act.lasting);
                }
            },
            [&](const ChangeDoor& act) {
                outputs_.push_back(Door{act.change});
                if (auto undo = undoing(act.change)) keep_undo(ChangeDoor{.change = std::move(*undo)}, act.lasting);
            },
            [&](const Order& act) {
                forward(Operate{act.operation});
                if (act.undo) keep_undo(Order{.operation = *act.undo}, act.lasting);
            },
            [&](const Alarm& act) {
                forward(act.set);
                if (act.set.state == SetAlarm::State::cleared) return;
                keep_undo(Alarm{{act.set.resource, SetAlarm::State::cleared}}, act.lasting);
            },
            [&](const KillConnection& act) {
                for (const auto id : those(connection)) forward(CloseConnection{id, act.reason});
            },
            [](const auto&) {},  // not of these
        },
        firing.act
    );
}

std::vector<ConnectionId> Interceptor::those(ConnectionId connection) const {
    if (connection.value != 0) return {connection};
    std::vector<ConnectionId> all;
    for (const auto& [id, line] : lines_) all.push_back(id);
    return all;
}

void Interceptor::change_wire(ConnectionId connection, const ChangeWire& act) {
    if (std::holds_alternative<wire::End>(act.change)) {
        for (const auto id : those(connection)) {
            if (!forget(id)) continue;
            sight(Sighting::Kind::ended_by_server, id);
            outputs_.push_back(Wire{id, Toward::client, act.change});
            forward(Disconnected{id});
        }
        return;
    }
    for (const auto toward : {Toward::server, Toward::client}) {
        if (!act.way || *act.way == toward) outputs_.push_back(Wire{connection, toward, act.change});
    }
}

// The frame that set it off: what is still on its way is hit, the rest has passed.
Fate Interceptor::befall_frame(const Place& place, const Firing& firing, const Unit& unit) {
    const auto* act = std::get_if<ChangeWire>(&firing.act);
    if (act == nullptr) {
        pass(place.connection, place.toward, unit.octets);
        return Fate::pass;  // the rest when all of it has passed
    }
    auto octets = unit.octets;
    const bool hit = !act->way || *act->way == place.toward;
    if (std::holds_alternative<wire::End>(act->change)) {
        octets.resize(std::min(act->at, octets.size()));
        pass(place.connection, place.toward, octets);
        befall(place.connection, firing);
        return Fate::swallow;
    }
    const auto* corrupt = std::get_if<wire::Corrupt>(&act->change);
    if (corrupt != nullptr && hit && place.toward == Toward::server) {
        if (corrupt->offset < octets.size()) octets[static_cast<std::size_t>(corrupt->offset)] ^= corrupt->mask;
        pass(place.connection, place.toward, octets);
        return Fate::pass;
    }
    befall(place.connection, firing);
    if (std::holds_alternative<wire::Vanish>(act->change) && hit && place.toward == Toward::server)
        return Fate::swallow;
    pass(place.connection, place.toward, octets);
    return Fate::pass;
}

}  // namespace simbroker::fault
