#include "conformance/runner/cutting_machine.hpp"

#include <fmt/format.h>

#include "codec/amqp091/codec.hpp"

namespace conformance::runner {

using codec::wire::BytesView;
using simbroker::Close;
using simbroker::ConnectionId;
using simbroker::Instant;
using simbroker::Outputs;
using simbroker::Send;
using simbroker::Toward;
using simbroker::fault::Sighting;
using simbroker::fault::Unit;

namespace {

constexpr std::size_t index(Toward toward) { return static_cast<std::size_t>(toward); }

std::string name_of(const Unit& unit) {
    namespace amqp = codec::amqp091;
    if (unit.kind == Unit::Kind::protocol_header) return "the protocol header";
    if (unit.kind == Unit::Kind::opaque) return "octets that are no frame";
    if (unit.type() == amqp::frame_type::header) return "a content header";
    if (unit.type() == amqp::frame_type::body) return "a body frame";
    const auto id = unit.type() == amqp::frame_type::method ? amqp::peek_method_id(unit.payload()) : std::nullopt;
    const auto* row = id ? amqp::find_method(*id) : nullptr;
    return row != nullptr ? std::string(row->name) : fmt::format("a frame of type {}", unit.type());
}

bool is_heartbeat(const Unit& unit) {
    return unit.kind == Unit::Kind::frame && unit.type() == codec::amqp091::frame_type::heartbeat;
}

}  // namespace

void CuttingMachine::begin(std::size_t cut_after) {
    cut_after_ = cut_after;
    frames_ = 0;
    first_open_ok_ = 0;
    cut_.reset();
}

Outputs CuttingMachine::handle(Instant now, const simbroker::Input& input) {
    Outputs outputs;
    if (const auto* received = std::get_if<simbroker::Received>(&input)) {
        const auto line = lines_.find(received->connection);
        if (line == lines_.end()) return outputs;  // it was cut
        const bool before = cut_.has_value();
        const auto octets = received->bytes.first(pass(line->first, line->second, Toward::server, received->bytes));
        sight(Sighting::Kind::from_client, received->connection, octets);
        auto answers = inner_->handle(now, simbroker::Received{received->connection, octets});
        if (!before && cut_) end(received->connection, now, outputs);
        deliver(std::move(answers), now, outputs);
        return outputs;
    }
    if (const auto* connected = std::get_if<simbroker::Connected>(&input)) {
        lines_.try_emplace(connected->connection);
        sight(Sighting::Kind::connected, connected->connection);
    }
    if (const auto* gone = std::get_if<simbroker::Disconnected>(&input)) {
        if (lines_.erase(gone->connection) == 0) return outputs;
        sight(Sighting::Kind::ended_by_client, gone->connection);
    }
    deliver(inner_->handle(now, input), now, outputs);
    return outputs;
}

void CuttingMachine::deliver(Outputs from, Instant now, Outputs& into) {
    for (auto& output : from) {
        const auto* close = std::get_if<Close>(&output);
        auto* send = std::get_if<Send>(&output);
        if (close == nullptr && send == nullptr) {
            into.push_back(std::move(output));
            continue;
        }
        const auto connection = close != nullptr ? close->connection : send->connection;
        const auto line = lines_.find(connection);
        if (line == lines_.end()) continue;
        if (close != nullptr) {
            lines_.erase(line);
            sight(Sighting::Kind::ended_by_server, connection);
            into.push_back(std::move(output));
            continue;
        }
        const bool before = cut_.has_value();
        send->bytes.resize(pass(connection, line->second, Toward::client, send->bytes));
        sight(Sighting::Kind::to_client, connection, send->bytes);
        into.push_back(std::move(output));
        if (!before && cut_) end(connection, now, into);
    }
}

std::size_t CuttingMachine::pass(ConnectionId connection, Line& line, Toward toward, BytesView octets) {
    auto& unfinished = line.unfinished[index(toward)];
    const auto held = unfinished;
    std::size_t finished = 0;
    for (const auto& unit : line.streams[index(toward)].feed(octets)) {
        finished += unit.octets.size();
        count(connection, line, toward, unit);
        if (cut_ && cut_->connection == connection) return finished - held;
    }
    unfinished = held + octets.size() - finished;
    return octets.size();
}

void CuttingMachine::count(ConnectionId connection, Line& line, Toward toward, const Unit& unit) {
    if (is_heartbeat(unit)) return;
    ++frames_;
    const auto name = name_of(unit);
    if (name == "connection.open-ok" && first_open_ok_ == 0) first_open_ok_ = frames_;
    line.opened |= name == "connection.open-ok";
    line.closing |= name == "connection.close";
    if (cut_ || frames_ != cut_after_) return;
    const auto* side = toward == Toward::client ? "to" : "from";
    cut_ = {connection, fmt::format("{} {} the client", name, side), line.opened, line.closing};
}

void CuttingMachine::end(ConnectionId connection, Instant now, Outputs& into) {
    if (lines_.erase(connection) == 0) return;
    sight(Sighting::Kind::ended_by_server, connection);
    into.push_back(Close{connection});
    deliver(inner_->handle(now, simbroker::Disconnected{connection}), now, into);
}

void CuttingMachine::sight(Sighting::Kind kind, ConnectionId connection, BytesView octets) const {
    onlooker_({kind, connection, octets});
}

}  // namespace conformance::runner
