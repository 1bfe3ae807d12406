// Frames on their way, and what the plan has happen to them.
#include <algorithm>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "simbroker/core/overloaded.hpp"
#include "simbroker/fault/edit.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;
using nlohmann::json;

namespace {

bool carries_content(const Unit& unit) {
    const auto id = peek_method_id(unit.payload());
    const auto* row = id ? find_method(*id) : nullptr;
    return row != nullptr && row->carries == Carries::content;
}

std::string in_words(const Unit& unit) {
    switch (kind_of(unit)) {
        case FrameKind::method: {
            const auto id = peek_method_id(unit.payload());
            const auto* row = id ? find_method(*id) : nullptr;
            return row == nullptr ? "an unknown method" : std::string(row->name);
        }
        case FrameKind::header: return "a header";
        case FrameKind::body: return "a body";
        case FrameKind::heartbeat: return "a heartbeat";
        case FrameKind::protocol_header: return "a protocol header";
        case FrameKind::any: break;
    }
    return "octets";
}

// What blanks stand for: the fields of the frame at hand.
Names names_of(const Unit& unit) {
    Names names = Names::object();
    if (kind_of(unit) == FrameKind::method) {
        if (const auto method = decode_method(unit.payload())) names = fields_to_json(*method);
    }
    names["channel"] = unit.channel().value;
    return names;
}

}  // namespace

void Interceptor::receive(ConnectionId connection, Toward toward, BytesView octets) {
    const auto found = lines_.find(connection);
    if (found == lines_.end()) return;
    auto& line = found->second;
    if (line.reading == Line::Reading::followed) {
        if (!plan_.asks_for_frames()) {
            line.toward(toward).stream.follow(octets);
            return pass(connection, toward, octets);
        }
        look_at(connection, line);
    }
    for (auto& unit : line.toward(toward).stream.feed(octets)) {
        if (!lines_.contains(connection)) return;  // a fault has dropped the transport
        const Place place{connection, toward, unit.channel()};
        decide(place, std::move(unit));
    }
}

void Interceptor::look_at(ConnectionId connection, Line& line) {
    read_lines_.insert(connection);
    line.reading = Line::Reading::frames;
}

void Interceptor::decide(const Place& place, Unit unit) {
    auto& line = lines_.at(place.connection);
    const auto verdict = place.toward == Toward::server ? line.closes.on_the_way_to_server(unit)
                                                        : line.closes.on_the_way_to_client(unit);
    if (verdict == InsertedRequests::Verdict::swallow) return;
    if (continue_content(place, unit)) return;
    if (kind_of(unit) == FrameKind::method) finish_content(place);  // a content broken off
    line.see(place.toward, unit);
    auto firing = decision(place, line, unit);
    if (!firing) return pass(place.connection, place.toward, unit.octets);
    if (std::holds_alternative<Say>(firing->act) || std::holds_alternative<Reorder>(firing->act)) {
        firing->names = names_of(unit);
    }

    const bool opens_content = kind_of(unit) == FrameKind::method && carries_content(unit);
    tell(
        {.kind = Event::Kind::fault_fired,
         .connection = place.connection,
         .channel = place.channel.value,
         .subject = firing->id,
         .detail = firing->verb + ": " + in_words(unit) + " to the " + std::string(to_string(place.toward)),
         .number = firing->fired}
    );
    const auto fate = begin(place, *firing, unit);
    auto collected = fate == Fate::collect ? std::move(unit.octets) : Bytes();
    const auto still = lines_.find(place.connection);
    if (still == lines_.end()) return;
    if (opens_content) {
        still->second.toward(place.toward).contents[place.channel] = {fate, firing, std::move(collected)};
    } else {
        finish(place, *firing, std::move(collected));
    }
}

std::optional<Firing> Interceptor::decision(const Place& place, Line& line, const Unit& unit) {
    if (plan_.is_empty() || unit.kind == Unit::Kind::rest) return std::nullopt;
    Passage passage{.connection = place.connection, .toward = place.toward, .unit = unit, .now = now_};
    if (plan_.asks_for_queues()) passage.queue = line.queue_of(place.toward, unit);
    return plan_.decide(passage);
}

bool Interceptor::continue_content(const Place& place, const Unit& unit) {
    auto& contents = lines_.at(place.connection).toward(place.toward).contents;
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

// Here every fault begins. What needs the whole content collects it, and goes on in finish().
Fate Interceptor::begin(const Place& place, const Firing& firing, const Unit& unit) {
    const auto along = [&](BytesView octets) { pass(place.connection, place.toward, octets); };
    return std::visit(
        Overloaded{
            [](const Drop&) { return Fate::swallow; },
            [](const Duplicate&) { return Fate::collect; },
            [](const Hold&) { return Fate::collect; },
            [](const Delay&) { return Fate::collect; },
            [](const Replace&) { return Fate::collect; },
            [](const Reorder&) { return Fate::collect; },
            [&](const Say& act) { return say(place, firing, act, unit); },
            [&](const EditFrame& act) {
                along(edited(unit, act, lines_.at(place.connection).frame_max));
                return Fate::pass;
            },
            [&](const Outage& act) {
                flush_to_server();
                suffer(act);
                return Fate::swallow;
            },
            [&](const DropTransport&) {
                end_by_server(place.connection);
                return Fate::swallow;
            },
            [&](const auto&) { return befall_frame(place, firing, unit); },
        },
        firing.act
    );
}

Fate Interceptor::say(const Place& place, const Firing& firing, const Say& act, const Unit& unit) {
    if (act.where == Say::Where::after) {
        pass(place.connection, place.toward, unit.octets);
        return Fate::pass;
    }
    say_both(place, act, firing);
    if (act.where == Say::Where::instead) return Fate::swallow;
    pass(place.connection, place.toward, unit.octets);
    return Fate::pass;
}

void Interceptor::say_both(const Place& place, const Say& act, const Firing& firing) {
    // What the broker was told before is answered before.
    if (!act.to_client.empty()) {
        flush_to_server();
        say_to(place, Toward::client, act.to_client, firing);
    }
    if (!act.to_server.empty()) say_to(place, Toward::server, act.to_server, firing);
}

void Interceptor::say_to(const Place& place, Toward toward, const Script& script, const Firing& firing) {
    const auto line = lines_.find(place.connection);
    if (line == lines_.end()) return;
    const auto octets = script.render(place.channel, line->second.frame_max, firing.names);
    if (octets) return insert(place.connection, toward, *octets);
    tell(
        {.kind = Event::Kind::fault_refused,
         .connection = place.connection,
         .channel = place.channel.value,
         .subject = firing.id,
         .detail = octets.error()}
    );
}

void Interceptor::finish(const Place& place, const Firing& firing, Bytes collected) {
    const auto line = lines_.find(place.connection);
    const auto keep = [&](std::string label, std::optional<Instant> due) {
        kept_.push_back(
            {.rule = firing.id,
             .label = std::move(label),
             .due = due,
             .connection = place.connection,
             .toward = place.toward,
             .channel = place.channel,
             .octets = std::move(collected)}
        );
    };
    if (const auto* hold = std::get_if<Hold>(&firing.act)) keep(hold->label, {});
    if (const auto* delay = std::get_if<Delay>(&firing.act)) keep({}, now_ + delay->duration);
    if (const auto* duplicate = std::get_if<Duplicate>(&firing.act)) {
        for (std::uint32_t copy = 0; copy <= duplicate->copies; ++copy) {
            pass(place.connection, place.toward, collected);
        }
    }
    if (const auto* replace = std::get_if<Replace>(&firing.act)) {
        pass(place.connection, place.toward, replaced(collected, *replace, line->second.frame_max));
    }
    if (is_mishap(firing.act) && !std::holds_alternative<ChangeWire>(firing.act)) befall(place.connection, firing);
    if (const auto* reorder = std::get_if<Reorder>(&firing.act)) gather(place, firing, *reorder, std::move(collected));
    if (const auto* act = std::get_if<Say>(&firing.act); act != nullptr && act->where == Say::Where::after) {
        say_both(place, *act, firing);
    }
}

void Interceptor::finish_content(const Place& place) {
    const auto line = lines_.find(place.connection);
    if (line == lines_.end()) return;
    auto& contents = line->second.toward(place.toward).contents;
    const auto found = contents.find(place.channel);
    if (found == contents.end()) return;
    auto content = std::move(found->second);
    contents.erase(found);
    finish(place, *content.firing, std::move(content.collected));
}

void Interceptor::gather(const Place& place, const Firing& firing, const Reorder& how, Bytes collected) {
    const auto& line = lines_.at(place.connection);
    Gathered frame{
        .channel = place.channel, .octets = std::move(collected), .consumer = firing.names.value("consumer_tag", json())
    };
    const bool confirms = how.confirms != Reorder::Confirms::as_they_are;
    const auto channel = line.channels.find(place.channel);
    if (confirms && channel != line.channels.end()) frame.confirmed = channel->second.just_answered;
    // Confirms of two channels have nothing to do with each other.
    const auto belongs = [&](const Gathering& gathering) {
        return gathering.rule == firing.id && gathering.connection == place.connection &&
               (!confirms || gathering.frames.front().channel == place.channel);
    };
    auto found = std::ranges::find_if(gatherings_, belongs);
    if (found == gatherings_.end()) {
        gatherings_.push_back(
            {.rule = firing.id,
             .connection = place.connection,
             .toward = place.toward,
             .how = how,
             .due = now_ + how.within}
        );
        found = std::prev(gatherings_.end());
    }
    // An answer to several publishes counts for each.
    const auto size = std::max<std::size_t>(1, frame.confirmed.size());
    found->count += size;
    found->frames.push_back(std::move(frame));
    if (!found->is_full()) return;
    auto full = std::move(*found);
    gatherings_.erase(found);
    let_go(std::move(full));
}

void Interceptor::let_go(Gathering gathering) {
    const auto connection = gathering.connection;
    const auto toward = gathering.toward;
    const auto line = lines_.find(connection);
    if (line == lines_.end()) return;
    const auto channel = line->second.channels.find(gathering.frames.front().channel);
    const auto all_up_to = channel == line->second.channels.end() ? 0 : channel->second.confirms.all_up_to();
    for (const auto& frame : arranged(std::move(gathering), all_up_to, chance_)) pass(connection, toward, frame.octets);
}

void Interceptor::let_go_what_is_due() {
    std::vector<Gathering> due;
    std::erase_if(gatherings_, [&](Gathering& gathering) {
        if (gathering.due > now_) return false;
        due.push_back(std::move(gathering));
        return true;
    });
    for (auto& gathering : due) let_go(std::move(gathering));
    flush_to_server();
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
    if (toward == Toward::client) {
        line->second.closes.note(octets);
        // What is answered to it must be seen.
        if (!line->second.closes.is_idle()) look_at(connection, line->second);
    }
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

}  // namespace simbroker::fault
