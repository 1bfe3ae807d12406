#include "conformance/step/conversation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simbroker/fault/duration.hpp"

namespace conformance::step {

using codec::wire::BytesView;
using nlohmann::json;

std::expected<Line*, Trouble> Conversation::line(const std::string& name) {
    if (role_ == Role::client && (name.empty() || name == "main")) {
        if (!wait(after(patience_), [&] { return !lines_.empty(); })) return fail("the client has not connected");
        return &lines_.back();
    }
    const auto wanted = name.empty() ? std::string("main") : name;
    if (auto* found = find(wanted)) return found;
    return inconclusive(fmt::format("there is no connection '{}'", wanted));
}

std::expected<Line*, Trouble> Conversation::open(const std::string& name) {
    if (find(name) != nullptr) return inconclusive(fmt::format("there is a connection '{}' already", name));
    const auto id = stage_.open();
    if (!id) return std::unexpected(id.error());
    auto& line = lines_.emplace_back();
    line.id = *id;
    line.name = name;
    line.last_sent = stage_.now();
    timeline_.add(stage_.now(), {.kind = Event::Kind::opened, .line = name});
    return &line;
}

void Conversation::send(Line& line, BytesView octets) {
    if (line.ended) return;
    if (role_ == Role::broker) note_sent(line, octets);  // role client: the stage tells what the client got
    line.last_sent = stage_.now();
    stage_.send(line.id, octets);
}

void Conversation::drop(Line& line) {
    note(fmt::format("{}: we drop the transport", line.name), {.kind = Event::Kind::dropped, .line = line.name});
    line.ended = true;
    line.inbox.clear();
    stage_.drop(line.id);
}

bool Conversation::wait(Instant until, const std::function<bool()>& done) {
    while (!done()) {
        if (stage_.now() >= until) return false;
        stage_.wait(next_heartbeat(until));
        for (auto& arrival : stage_.take_arrivals()) take_in(std::move(arrival));
        send_heartbeats();
    }
    return true;
}

Instant Conversation::next_heartbeat(Instant until) {
    for (const auto& line : lines_) {
        if (line.ended || line.heartbeat.count() == 0 || line.heartbeats == Line::Heartbeats::none) continue;
        until = std::min(until, line.last_sent + Duration(line.heartbeat) / 2);
    }
    return until;
}

void Conversation::send_heartbeats() {
    for (auto& line : lines_) {
        if (line.ended || line.heartbeat.count() == 0 || line.heartbeats == Line::Heartbeats::none) continue;
        if (stage_.now() < line.last_sent + Duration(line.heartbeat) / 2) continue;
        codec::wire::Bytes octets;
        codec::amqp091::append_heartbeat(octets);
        send(line, octets);
    }
}

std::expected<std::uint64_t, Trouble> Conversation::ask(const std::string& operation, const json& arguments) {
    const auto& known = stage_.operations();
    if (std::ranges::find(known, operation) == known.end()) {
        return unsupported(fmt::format("the shim has no operation {}", operation));
    }
    const auto id = next_request_++;
    const json request = {{"id", id}, {"op", operation}, {"with", arguments}};
    note(fmt::format("ask {} {} {}", id, operation, arguments.dump()), {.kind = Event::Kind::asked, .value = request});
    if (auto done = stage_.request(request); !done) {
        return std::unexpected(done.error());
    }
    return id;
}

std::expected<Answer, Trouble> Conversation::answer(std::uint64_t request, Duration within) {
    wait(after(within), [&] { return answers_.contains(request) || shim_exit_.has_value(); });
    if (auto found = answers_.extract(request)) return std::move(found.mapped());
    if (shim_exit_) return fail(fmt::format("the shim ended without an answer: {}", *shim_exit_));
    return fail(fmt::format("no answer of the client within {}", simbroker::fault::duration_to_text(within)));
}

void Conversation::take_in(Arrival arrival) {
    if (arrival.kind == Arrival::Kind::said) return take_in_shim(arrival.message);
    if (arrival.kind == Arrival::Kind::exited) {
        shim_exit_ = arrival.message.get<std::string>();
        return note("the shim ended: " + *shim_exit_, {.kind = Event::Kind::exited, .text = *shim_exit_});
    }
    if (arrival.kind == Arrival::Kind::opened) {
        auto& line = lines_.emplace_back();
        line.id = arrival.line;
        line.name = std::to_string(lines_.size());
        return note(
            fmt::format("{}: the client connects", line.name), {.kind = Event::Kind::opened, .line = line.name}
        );
    }
    auto* line = find(arrival.line);
    if (arrival.kind == Arrival::Kind::struck) {
        const auto text = arrival.message.get<std::string>();
        const auto name = line ? line->name : std::string();
        return note("a fault acts: " + text, {.kind = Event::Kind::struck, .line = name, .text = text});
    }
    if (line == nullptr || line->ended) return;
    if (arrival.kind == Arrival::Kind::received) return take_in_octets(*line, arrival.octets);
    if (arrival.kind == Arrival::Kind::sent) return note_sent(*line, arrival.octets);
    line->ended = true;
    const bool theirs = arrival.kind == Arrival::Kind::ended;
    note(
        fmt::format("{}: {} the transport", line->name, theirs ? "the peer ends" : "the broker drops"),
        {.kind = theirs ? Event::Kind::ended : Event::Kind::dropped, .line = line->name}
    );
    line->inbox.push_back({peer::Item::Kind::end, {}, nullptr, {}, {}, {}});
}

void Conversation::take_in_octets(Line& line, BytesView octets) {
    timeline_.hear(stage_.now(), line.name, peer_under_test(), octets);
    auto items = line.incoming.feed(octets);
    note_items(line, role_ == Role::broker ? "<-" : "->", items);
    for (auto& item : items) {
        if (item.kind == peer::Item::Kind::broken) {
            timeline_.add(stage_.now(), {.kind = Event::Kind::breach, .line = line.name, .text = item.trouble});
        }
        if (item.is("channel.open")) line.last_opened = item.channel;
        if (const auto* tuned =
                item.method ? std::get_if<codec::amqp091::connection::TuneOk>(&*item.method) : nullptr) {
            line.frame_max = tuned->frame_max;
            line.incoming.set_frame_max(tuned->frame_max);
        }
        line.inbox.push_back(std::move(item));
    }
}

void Conversation::note_sent(Line& line, BytesView octets) {
    timeline_.hear(stage_.now(), line.name, other_side(), octets);
    const auto items = line.outgoing.feed(octets);
    for (const auto& item : items) {
        line.closed_by_us |= item.is("connection.close");
        line.closed_by_peer |= item.is("connection.close-ok");
    }
    note_items(line, role_ == Role::broker ? "->" : "<-", items);
    if (items.empty())
        note(fmt::format(
            "{} {} {} octets {}",
            line.name,
            role_ == Role::broker ? "->" : "<-",
            octets.size(),
            peer::describe_octets(octets)
        ));
}

void Conversation::note_items(const Line& line, std::string_view arrow, const std::vector<peer::Item>& items) {
    for (const auto& item : items) note(fmt::format("{} {} {}", line.name, arrow, peer::describe(item)));
}

void Conversation::take_in_shim(const json& message) {
    note(
        "shim " + message.dump(-1, ' ', false, json::error_handler_t::replace),
        {.kind = Event::Kind::answered, .value = message}
    );
    if (message.contains("event")) {
        events_.push_back({message.value("event", ""), message.value("with", json::object())});
        return;
    }
    const auto id = message.value("id", std::uint64_t{0});
    if (message.contains("result")) answers_[id] = {Answer::Kind::result, message["result"]};
    if (message.contains("error")) answers_[id] = {Answer::Kind::error, message["error"]};
    if (message.contains("unsupported")) answers_[id] = {Answer::Kind::unsupported, message["unsupported"]};
}

void Conversation::note(std::string text) {
    const auto seconds = std::chrono::duration<double>(stage_.now().time_since_epoch()).count();
    transcript_.push_back(fmt::format("{:10.3f}  {}", seconds, text));
    if (transcript_.size() > longest_transcript) transcript_.pop_front();
}

void Conversation::note(std::string text, Event event) {
    note(std::move(text));
    timeline_.add(stage_.now(), std::move(event));
}

void Conversation::take(const Line& line, const peer::Item& item) {
    if (item.kind != peer::Item::Kind::end) timeline_.take(line.name, peer_under_test(), item.nth);
}

Line* Conversation::find(LineId id) {
    const auto found = std::ranges::find(lines_, id, &Line::id);
    return found == lines_.end() ? nullptr : &*found;
}

Line* Conversation::find(const std::string& name) {
    const auto found = std::ranges::find(lines_, name, &Line::name);
    return found == lines_.end() ? nullptr : &*found;
}

}  // namespace conformance::step
