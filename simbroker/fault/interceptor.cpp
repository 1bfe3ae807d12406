// Inputs, outputs, what is kept back, and the way around all of it while there is no rule.
#include "simbroker/fault/interceptor.hpp"

#include <algorithm>
#include <utility>

#include "simbroker/core/broker.hpp"

namespace simbroker::fault {

using codec::wire::Bytes;
using codec::wire::BytesView;

std::unique_ptr<Interceptor> broker_with_faults(BrokerConfig config, Seed seed) {
    return std::make_unique<Interceptor>(std::make_unique<Broker>(std::move(config), seed), FaultPlan(seed));
}

Outputs Interceptor::handle(Instant now, const Input& input) {
    now_ = now;
    if (nobody_looks()) {
        if (auto outputs = pass_unseen(input)) return std::move(*outputs);
    }
    perform_what_is_due();
    take(input);
    flush_to_server();
    perform_what_is_due();
    follow_lines();
    return std::exchange(outputs_, {});
}

// ---- without rules

bool Interceptor::nobody_looks() const {
    return plan_.is_empty() && kept_.empty() && gatherings_.empty() && read_lines_.empty() && !onlooker_;
}

// Octets go through as they are. Nothing for inputs that have to be looked at.
std::optional<Outputs> Interceptor::pass_unseen(const Input& input) {
    if (const auto* received = std::get_if<Received>(&input)) {
        const auto line = lines_.find(received->connection);
        if (line == lines_.end()) return Outputs{};
        line->second.toward(Toward::server).stream.follow(received->bytes);
    } else if (!std::holds_alternative<DeadlineReached>(input) && !std::holds_alternative<Congestion>(input)) {
        return std::nullopt;
    }
    auto outputs = inner_->handle(now_, input);
    hear(outputs);
    for (const auto& output : outputs) {
        if (const auto* send = std::get_if<Send>(&output)) {
            if (const auto line = lines_.find(send->connection); line != lines_.end()) line->second.skim(send->bytes);
        } else if (const auto* close = std::get_if<Close>(&output)) {
            lines_.erase(close->connection);
        }
    }
    return outputs;
}

// Lines that have nothing on their way are followed when no rule asks for their frames.
void Interceptor::follow_lines() {
    if (read_lines_.empty() || plan_.asks_for_frames() || onlooker_) return;
    std::erase_if(read_lines_, [this](ConnectionId id) {
        auto& line = lines_.at(id);
        if (!line.can_be_followed()) return false;
        line.reading = Line::Reading::followed;
        return true;
    });
}

// ---- inputs

void Interceptor::take(const Input& input) {
    if (const auto* received = std::get_if<Received>(&input)) {
        if (!lines_.contains(received->connection)) return;
        sight(Sighting::Kind::from_client, received->connection, received->bytes);
        receive(received->connection, Toward::server, received->bytes);
    } else if (const auto* connected = std::get_if<Connected>(&input)) {
        lines_.try_emplace(connected->connection);
        read_lines_.insert(connected->connection);
        sight(Sighting::Kind::connected, connected->connection);
        forward(input);
    } else if (const auto* gone = std::get_if<Disconnected>(&input)) {
        if (!forget(gone->connection)) return;
        sight(Sighting::Kind::ended_by_client, gone->connection);
        forward(input);
    } else if (const auto* add = std::get_if<AddFault>(&input)) {
        add_fault(*add);
    } else if (const auto* remove = std::get_if<RemoveFault>(&input)) {
        remove_fault(*remove);
    } else if (const auto* held = std::get_if<ReleaseHeld>(&input)) {
        release(held->label);
    } else {
        const bool only_ours = std::holds_alternative<DeadlineReached>(input) &&
                               (!inner_->next_deadline() || *inner_->next_deadline() > now_);
        if (!only_ours) forward(input);
    }
}

void Interceptor::add_fault(const AddFault& add) {
    auto rule = rule_from_text(add.rule);
    const auto id = rule ? rule->id : std::string();
    const auto added = rule ? plan_.add(std::move(*rule), now_)
                            : std::expected<std::string, std::string>(std::unexpected(to_string(rule.error())));
    if (!added) return tell({.kind = Event::Kind::fault_refused, .subject = id, .detail = added.error()});
    tell({.kind = Event::Kind::fault_added, .subject = *added, .detail = add.rule});
}

// What a rule keeps back goes on when it is removed.
void Interceptor::remove_fault(const RemoveFault& remove) {
    std::vector<std::string> ids;
    if (remove.id.empty()) {
        ids = plan_.clear();
    } else if (plan_.remove(remove.id)) {
        ids.push_back(remove.id);
    } else {
        return tell({.kind = Event::Kind::fault_refused, .subject = remove.id, .detail = "there is no such rule"});
    }
    for (auto& id : ids) {
        for (auto& kept : kept_) {
            if (!kept.due && kept.rule == id) kept.due = now_;
        }
        for (auto& gathering : gatherings_) {
            if (gathering.rule == id) gathering.due = now_;
        }
        tell({.kind = Event::Kind::fault_removed, .subject = std::move(id), .detail = {}});
    }
}

// ---- what comes of it

void Interceptor::forward(const Input& input) {
    auto outputs = inner_->handle(now_, input);
    hear(outputs);
    for (auto& output : outputs) {
        if (auto* send = std::get_if<Send>(&output)) {
            take_send(*send);
        } else if (const auto* close = std::get_if<Close>(&output)) {
            if (!forget(close->connection)) continue;
            sight(Sighting::Kind::ended_by_server, close->connection);
            outputs_.push_back(std::move(output));
        } else {
            outputs_.push_back(std::move(output));
        }
    }
}

// Events come before the octets of the same input as far as they tell what those are about.
void Interceptor::hear(const Outputs& outputs) {
    for (const auto& output : outputs) {
        const auto* event = std::get_if<Event>(&output);
        if (event == nullptr) continue;
        if (!plan_.is_empty()) plan_.learn(*event, now_);
        if (event->connection.value == 0) continue;
        if (const auto line = lines_.find(event->connection); line != lines_.end()) line->second.hear(*event);
        // Nothing more is said on a channel that is closed.
        if (event->kind != Event::Kind::channel_closed) continue;
        std::erase_if(kept_, [&](const Kept& kept) {
            return !kept.ours && kept.connection == event->connection && kept.channel.value == event->channel;
        });
        for (auto& gathering : gatherings_) {
            if (gathering.connection != event->connection) continue;
            std::erase_if(gathering.frames, [&](const Gathered& frame) {
                return frame.channel.value == event->channel;
            });
        }
        std::erase_if(gatherings_, [](const Gathering& gathering) { return gathering.frames.empty(); });
    }
}

void Interceptor::take_send(Send& send) {
    const auto line = lines_.find(send.connection);
    if (line == lines_.end()) return;
    if (line->second.reading == Line::Reading::followed && !plan_.asks_for_frames()) {
        line->second.skim(send.bytes);
        if (!outputs_.empty()) return send_to_client(send.connection, send.bytes);  // it may be more of one
        outputs_.push_back(std::move(send));
        return;
    }
    receive(send.connection, Toward::client, send.bytes);
}

void Interceptor::flush_to_server() {
    while (!batch_.empty()) {
        const auto octets = std::exchange(batch_, {});
        if (lines_.contains(batch_connection_)) forward(Received{batch_connection_, octets});
    }
}

bool Interceptor::forget(ConnectionId connection) {
    const auto line = lines_.find(connection);
    if (line == lines_.end()) return false;
    read_lines_.erase(connection);
    lines_.erase(line);
    return true;
}

void Interceptor::end_by_server(ConnectionId connection) {
    if (!forget(connection)) return;
    sight(Sighting::Kind::ended_by_server, connection);
    outputs_.push_back(Close{connection});
    forward(Disconnected{connection});
}

void Interceptor::tell(Event event) {
    if (!plan_.is_empty()) plan_.learn(event, now_);
    outputs_.push_back(std::move(event));
}

void Interceptor::sight(Sighting::Kind kind, ConnectionId connection, BytesView octets) const {
    if (onlooker_) onlooker_({kind, connection, octets});
}

// ---- what is kept back

std::optional<Instant> Interceptor::next_deadline() const {
    auto next = inner_->next_deadline();
    const auto sooner = [&next](std::optional<Instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    sooner(plan_.next_prompt());
    for (const auto& kept : kept_) sooner(kept.due);
    for (const auto& gathering : gatherings_) sooner(gathering.due);
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
        if (!kept.due && kept.kind == Kept::Kind::octets && (label.empty() || kept.label == label)) kept.due = now_;
    }
}

void Interceptor::emit(ConnectionId connection, Toward toward, Bytes octets) {
    kept_.push_back({.ours = true, .due = now_, .connection = connection, .toward = toward, .octets = std::move(octets)}
    );
}

void Interceptor::drop(ConnectionId connection) {
    kept_.push_back({.kind = Kept::Kind::end_of_transport, .due = now_, .connection = connection});
}

// What one thing causes may be another that is due at once; each is looked at, and then only what is later is left.
void Interceptor::perform_what_is_due() {
    flush_kept();
    let_go_what_is_due();
    constexpr int most_rounds = 1000;
    for (int round = 0; round < most_rounds; ++round) {
        const auto due = plan_.take_prompted(now_);
        if (due.empty()) return;
        for (const auto& prompted : due) perform(prompted);
        flush_to_server();
    }
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
        } else if (kept.kind == Kept::Kind::undo) {
            if (kept.connection.value == 0 || lines_.contains(kept.connection))
                befall(kept.connection, Firing{.id = kept.rule, .act = *kept.undo});
        } else if (kept.ours) {
            insert(kept.connection, kept.toward, kept.octets);
        } else {
            pass(kept.connection, kept.toward, kept.octets);
        }
    }
    flush_to_server();
}

}  // namespace simbroker::fault
