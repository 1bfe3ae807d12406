// Tells a trace, record by record.
#include "simbroker/trace/story.hpp"

#include <fmt/format.h>

#include <istream>
#include <utility>

#include "simbroker/fault/interceptor.hpp"
#include "simbroker/trace/frame_text.hpp"

namespace simbroker::trace {

namespace {

// What an input is called that is of nobody's octets.
struct Words {
    std::string operator()(const Connected& in) const {
        return (in.tls ? "connected over TLS from " : "connected from ") + in.peer;
    }
    std::string operator()(const Received&) const { return {}; }
    std::string operator()(const Disconnected&) const { return "gone"; }
    std::string operator()(const Congestion& in) const {
        return in.state == Congestion::State::congested ? "takes octets too slowly" : "takes octets again";
    }
    std::string operator()(const DeadlineReached&) const { return "deadline"; }
    std::string operator()(const CloseConnection& in) const { return "close_connection " + in.reason; }
    std::string operator()(const SetAlarm& in) const {
        return fmt::format(
            "{} alarm {}",
            in.resource == SetAlarm::Resource::memory ? "memory" : "disk",
            in.state == SetAlarm::State::raised ? "raised" : "cleared"
        );
    }
    std::string operator()(const Shutdown&) const { return "shutdown"; }
    std::string operator()(const Crash&) const { return "crash"; }
    std::string operator()(const Start&) const { return "start"; }
    std::string operator()(const Operate& in) const { return "operate " + to_json(in.operation); }
    std::string operator()(const AddFault& in) const { return "add_fault " + in.rule; }
    std::string operator()(const RemoveFault& in) const {
        return in.id.empty() ? "remove every fault" : "remove_fault " + in.id;
    }
    std::string operator()(const ReleaseHeld& in) const {
        return in.label.empty() ? "release whatever is held" : "release " + in.label;
    }
};

ConnectionId connection_of(const Input& input) {
    return std::visit(
        [](const auto& in) -> ConnectionId {
            if constexpr (requires { in.connection; }) return in.connection;
            return {};
        },
        input
    );
}

Moment::Kind kind_of(const Input& input) {
    using Kind = Moment::Kind;
    if (std::holds_alternative<Connected>(input)) return Kind::connected;
    if (std::holds_alternative<Disconnected>(input)) return Kind::ended_by_client;
    if (std::holds_alternative<Congestion>(input)) return Kind::condition;
    if (std::holds_alternative<DeadlineReached>(input)) return Kind::deadline;
    return Kind::operation;
}

std::string event_text(const Event& event) {
    auto text = std::string(to_string(event.kind));
    if (!event.subject.empty()) text += " " + preview(codec::wire::as_bytes(event.subject), 200);
    if (!event.detail.empty()) text += ": " + preview(codec::wire::as_bytes(event.detail), 200);
    if (event.number != 0) text += fmt::format(" ({})", event.number);
    return text;
}

}  // namespace

Story::Story(TraceReader reader, Events events) : reader_(std::move(reader)) {
    if (events == Events::without) return;
    machine_ = fault::broker_with_faults(reader_.header().config, reader_.header().seed);
}

std::expected<Story, TraceError> Story::open(std::istream& from, Events events) {
    auto reader = TraceReader::open(from);
    if (!reader) return std::unexpected(reader.error());
    return Story(std::move(*reader), events);
}

std::expected<std::optional<Moment>, TraceError> Story::next() {
    while (told_.empty() && !over_) {
        auto record = reader_.next();
        if (!record) {
            over_ = true;
            return std::unexpected(record.error());
        }
        if (std::holds_alternative<TraceEnd>(*record)) {
            over_ = true;
        } else if (const auto* input = std::get_if<TracedInput>(&*record)) {
            tell(*input);
        } else {
            tell(std::get<TracedOutput>(*record));
        }
    }
    if (told_.empty()) return std::nullopt;
    auto moment = std::move(told_.front());
    told_.pop_front();
    return moment;
}

void Story::add(Moment::Kind kind, ConnectionId connection, std::string text) {
    told_.push_back(
        {.at = now_, .input = inputs_ - 1, .kind = kind, .connection = connection, .text = std::move(text), .octets = {}
        }
    );
}

void Story::tell(const TracedInput& traced) {
    now_ = traced.at;
    ++inputs_;
    const auto connection = connection_of(traced.input);
    if (const auto* received = std::get_if<Received>(&traced.input)) {
        tell_frames(Moment::Kind::to_broker, connection, streams_[connection].to_broker, received->bytes);
    } else {
        add(kind_of(traced.input), connection, std::visit(Words{}, traced.input));
    }
    if (std::holds_alternative<Disconnected>(traced.input)) streams_.erase(connection);
    tell_events(traced);
}

void Story::tell(const TracedOutput& output) {
    if (const auto* send = std::get_if<Send>(&output)) {
        tell_frames(Moment::Kind::to_client, send->connection, streams_[send->connection].to_client, send->bytes);
        return;
    }
    if (const auto* close = std::get_if<Close>(&output)) {
        add(Moment::Kind::ended_by_broker, close->connection, "closed");
        streams_.erase(close->connection);
    } else if (const auto* wire = std::get_if<Wire>(&output)) {
        add(Moment::Kind::event, wire->connection, to_string(*wire));
    } else {
        add(Moment::Kind::event, {}, to_string(std::get<Door>(output)));
    }
}

void Story::tell_frames(
    Moment::Kind kind, ConnectionId connection, fault::FrameStream& stream, codec::wire::BytesView octets
) {
    for (auto& unit : stream.feed(octets)) {
        add(kind, connection, frame_text(unit));
        if (unit.kind == fault::Unit::Kind::frame) told_.back().channel = unit.channel().value;
        told_.back().octets = std::move(unit.octets);
    }
}

void Story::tell_events(const TracedInput& traced) {
    if (!machine_) return;
    for (const auto& output : machine_->handle(traced.at, traced.input)) {
        if (const auto* event = std::get_if<Event>(&output)) {
            add(Moment::Kind::event, event->connection, event_text(*event));
            told_.back().channel = event->channel;
        }
    }
}

}  // namespace simbroker::trace
