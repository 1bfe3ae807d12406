#include "simbroker/fault/interceptor.hpp"

#include <algorithm>
#include <utility>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "simbroker/core/overloaded.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

namespace {

constexpr std::size_t index(Toward toward) { return static_cast<std::size_t>(toward); }

bool is_method(const Unit& unit) { return unit.kind == Unit::Kind::frame && unit.type() == frame_type::method; }

bool carries_content(const Unit& unit) {
    const auto id = peek_method_id(unit.payload());
    const auto* row = id ? find_method(*id) : nullptr;
    return row != nullptr && row->carries == Carries::content;
}

// The frame with other fields; as it was if it cannot be read, for then there is nothing to replace.
Bytes replaced(const Unit& unit, const nlohmann::json& fields) {
    const auto method = decode_method(unit.payload());
    if (!method) return unit.octets;
    auto all = fields_to_json(*method);
    all.update(fields);
    const auto payload = encode_method_from_json(name_of(*method), all);
    if (!payload) return unit.octets;
    Bytes frame;
    append_frame(frame, {unit.type(), unit.channel(), *payload});
    return frame;
}

Bytes with_end(const Unit& unit, Octet end) {
    auto octets = unit.octets;
    octets.back() = end;
    return octets;
}

}  // namespace

Outputs Interceptor::handle(Instant now, const Input& input) {
    now_ = now;
    flush_kept();
    const auto only_ours =
        std::holds_alternative<DeadlineReached>(input) && (!inner_->next_deadline() || *inner_->next_deadline() > now);
    if (const auto* connected = std::get_if<Connected>(&input)) {
        lines_.try_emplace(connected->connection);
        sight(Sighting::Kind::connected, connected->connection);
        forward(input);
    } else if (const auto* received = std::get_if<Received>(&input)) {
        if (lines_.contains(received->connection)) {
            sight(Sighting::Kind::from_client, received->connection, received->bytes);
            receive(received->connection, Toward::server, received->bytes);
        }
    } else if (const auto* gone = std::get_if<Disconnected>(&input)) {
        if (lines_.erase(gone->connection) > 0) {
            sight(Sighting::Kind::ended_by_client, gone->connection);
            forward(input);
        }
    } else if (!only_ours) {
        forward(input);
    }
    flush_to_server();
    return std::exchange(outputs_, {});
}

std::optional<Instant> Interceptor::next_deadline() const {
    auto next = inner_->next_deadline();
    for (const auto& kept : kept_) {
        if (kept.due && (!next || *kept.due < *next)) next = kept.due;
    }
    return next;
}

std::optional<Deadline> Interceptor::what_is_next() const {
    const auto next = next_deadline();
    auto inner = inner_->what_is_next();
    if (!next || (inner && inner->at == *next)) return inner;
    return Deadline{.kind = Deadline::Kind::fault, .at = *next};
}

void Interceptor::release(std::string_view label) {
    for (auto& kept : kept_) {
        if (!kept.due && kept.label == label) kept.due = now_;
    }
}

void Interceptor::emit(ConnectionId connection, Toward toward, Bytes octets) {
    kept_.push_back({.ours = true, .due = now_, .connection = connection, .toward = toward, .octets = std::move(octets)}
    );
}

void Interceptor::drop(ConnectionId connection) {
    kept_.push_back({.kind = Kept::Kind::end_of_transport, .due = now_, .connection = connection});
}

void Interceptor::flush_kept() {
    // By the instant, then by age; taken out first, for what they cause may be kept again.
    std::vector<Kept> due;
    std::erase_if(kept_, [&](Kept& kept) {
        if (!kept.due || *kept.due > now_) return false;
        const auto later = std::ranges::upper_bound(due, kept.due, {}, &Kept::due);
        due.insert(later, std::move(kept));
        return true;
    });
    for (const auto& kept : due) {
        if (kept.kind == Kept::Kind::end_of_transport) {
            end_by_server(kept.connection);
        } else if (kept.kind == Kept::Kind::start) {
            forward(Start{});
        } else if (kept.ours) {
            insert(kept.connection, kept.toward, kept.octets);
        } else {
            pass(kept.connection, kept.toward, kept.octets);
        }
    }
    flush_to_server();
}

void Interceptor::receive(ConnectionId connection, Toward toward, BytesView octets) {
    const auto line = lines_.find(connection);
    if (line == lines_.end()) return;
    for (auto& unit : line->second.directions[index(toward)].stream.feed(octets)) {
        if (!lines_.contains(connection)) return;  // a fault has dropped the transport
        const Place place{connection, toward, unit.channel()};
        decide(place, std::move(unit));
    }
}

void Interceptor::decide(const Place& place, Unit unit) {
    auto& closes = lines_.at(place.connection).closes;
    const auto verdict =
        place.toward == Toward::server ? closes.on_the_way_to_server(unit) : closes.on_the_way_to_client(unit);
    if (verdict == InsertedCloses::Verdict::swallow) return;
    if (continue_content(place, unit)) return;
    if (is_method(unit)) finish_content(place);  // a content broken off
    const auto* decided = plan_.decide(place.connection, place.toward, unit);
    if (decided == nullptr) return pass(place.connection, place.toward, unit.octets);

    const Fault fault = *decided;
    const bool opens_content = is_method(unit) && carries_content(unit);
    const auto fate = begin(place, fault, unit);
    auto collected = fate == Fate::collect ? std::move(unit.octets) : Bytes();
    const auto line = lines_.find(place.connection);
    if (line == lines_.end()) return;
    if (opens_content) {
        line->second.directions[index(place.toward)].contents[place.channel] = {fate, fault, std::move(collected)};
    } else {
        finish(place, fault, std::move(collected));
    }
}

bool Interceptor::continue_content(const Place& place, const Unit& unit) {
    auto& contents = lines_.at(place.connection).directions[index(place.toward)].contents;
    const auto found = contents.find(place.channel);
    if (found == contents.end() || unit.kind != Unit::Kind::frame) return false;
    auto& content = found->second;
    if (unit.type() == frame_type::header && !content.header_seen) {
        const auto header = decode_content_header(unit.payload());
        content.header_seen = true;
        content.missing = header ? header->body_size : 0;
    } else if (unit.type() == frame_type::body && content.header_seen) {
        content.missing -= std::min<std::uint64_t>(content.missing, unit.payload().size());
    } else {
        return false;
    }
    const auto fate = content.fate;
    const bool complete = content.missing == 0;
    if (fate == Fate::collect) {
        content.collected.insert(content.collected.end(), unit.octets.begin(), unit.octets.end());
    }
    if (fate == Fate::pass) pass(place.connection, place.toward, unit.octets);  // may end the line, and `content`
    if (complete) finish_content(place);
    return true;
}

Interceptor::Fate Interceptor::begin(const Place& place, const Fault& fault, const Unit& unit) {
    const auto along = [&](BytesView octets) { pass(place.connection, place.toward, octets); };
    const auto ours = [&](Toward toward, BytesView octets) { insert(place.connection, toward, octets); };
    return std::visit(
        Overloaded{
            [](const Drop&) { return Fate::swallow; },
            [](const Duplicate&) { return Fate::collect; },
            [](const Hold&) { return Fate::collect; },
            [](const Delay&) { return Fate::collect; },
            [&](const Replace& act) {
                along(replaced(unit, act.fields));
                return Fate::pass;
            },
            [&](const Insert& act) {
                if (act.where != Insert::Where::after) ours(place.toward, act.script.render(place.channel));
                if (act.where == Insert::Where::instead) return Fate::swallow;
                along(unit.octets);
                return Fate::pass;
            },
            [&](const Answer& act) {
                flush_to_server();
                ours(opposite(place.toward), act.script.render(place.channel));
                return Fate::swallow;
            },
            [&](const Substitute& act) {
                ours(place.toward, act.octets);
                return Fate::swallow;
            },
            [&](const FrameEnd& act) {
                along(with_end(unit, act.octet));
                return Fate::pass;
            },
            [&](const Outage& act) {
                flush_to_server();
                forward(act.kind == Outage::Kind::crash ? Input(Crash{}) : Input(Shutdown{}));
                kept_.push_back({.kind = Kept::Kind::start, .due = now_ + act.lasting});
                return Fate::swallow;
            },
            [&](const DropTransport&) {
                end_by_server(place.connection);
                return Fate::swallow;
            },
        },
        fault
    );
}

void Interceptor::finish(const Place& place, const Fault& fault, Bytes collected) {
    const auto keep = [&](std::string label, std::optional<Instant> due) {
        kept_.push_back(
            {.label = std::move(label),
             .due = due,
             .connection = place.connection,
             .toward = place.toward,
             .octets = std::move(collected)}
        );
    };
    if (const auto* hold = std::get_if<Hold>(&fault)) keep(hold->label, {});
    if (const auto* delay = std::get_if<Delay>(&fault)) keep({}, now_ + delay->duration);
    if (std::holds_alternative<Duplicate>(fault)) {
        pass(place.connection, place.toward, collected);
        pass(place.connection, place.toward, collected);
    }
    if (const auto* act = std::get_if<Insert>(&fault); act != nullptr && act->where == Insert::Where::after) {
        insert(place.connection, place.toward, act->script.render(place.channel));
    }
}

void Interceptor::finish_content(const Place& place) {
    const auto line = lines_.find(place.connection);
    if (line == lines_.end()) return;
    auto& contents = line->second.directions[index(place.toward)].contents;
    const auto found = contents.find(place.channel);
    if (found == contents.end()) return;
    const auto content = std::move(found->second);
    contents.erase(found);
    finish(place, content.fault, content.collected);
}

void Interceptor::pass(ConnectionId connection, Toward toward, BytesView octets) {
    if (toward == Toward::client) return send_to_client(connection, octets);
    if (batch_connection_ != connection) flush_to_server();
    batch_connection_ = connection;
    batch_.insert(batch_.end(), octets.begin(), octets.end());
}

void Interceptor::insert(ConnectionId connection, Toward toward, BytesView octets) {
    const auto line = lines_.find(connection);
    if (line == lines_.end()) return;
    if (toward == Toward::client) line->second.closes.note(octets);
    pass(connection, toward, octets);
}

void Interceptor::send_to_client(ConnectionId connection, BytesView octets) {
    if (!lines_.contains(connection) || octets.empty()) return;
    sight(Sighting::Kind::to_client, connection, octets);
    for (auto& output : outputs_) {
        auto* send = std::get_if<Send>(&output);
        if (send == nullptr || send->connection != connection) continue;
        send->bytes.insert(send->bytes.end(), octets.begin(), octets.end());
        return;
    }
    outputs_.push_back(Send{connection, Bytes(octets.begin(), octets.end())});
}

void Interceptor::flush_to_server() {
    while (!batch_.empty()) {
        const auto octets = std::exchange(batch_, {});
        if (lines_.contains(batch_connection_)) forward(Received{batch_connection_, octets});
    }
}

void Interceptor::forward(const Input& input) {
    for (auto& output : inner_->handle(now_, input)) {
        if (const auto* send = std::get_if<Send>(&output)) {
            receive(send->connection, Toward::client, send->bytes);
        } else if (const auto* close = std::get_if<Close>(&output)) {
            if (lines_.erase(close->connection) == 0) continue;
            sight(Sighting::Kind::ended_by_server, close->connection);
            outputs_.push_back(std::move(output));
        } else {
            outputs_.push_back(std::move(output));
        }
    }
}

void Interceptor::end_by_server(ConnectionId connection) {
    if (lines_.erase(connection) == 0) return;
    sight(Sighting::Kind::ended_by_server, connection);
    outputs_.push_back(Close{connection});
    forward(Disconnected{connection});
}

void Interceptor::sight(Sighting::Kind kind, ConnectionId connection, BytesView octets) const {
    if (onlooker_) onlooker_({kind, connection, octets});
}

}  // namespace simbroker::fault
