// A machine for the tests of the drivers that does what the octets it receives tell it, one letter a command:
//
//   any other         is sent back
//   't' and a digit   sets a deadline so many seconds ahead; then "tick" is sent to the connection that asked
//   'b' and a digit   sends so many times 100,000 octets 'b'
//   '>'               from now on what this connection sends goes to the others rather than back
//   'x'               closes the connection, after "bye"
//
// It greets every connection with "hello", and says "end" to all on Shutdown. While an alarm is raised it holds all
// connections back.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/hold.hpp"
#include "simbroker/core/machine.hpp"

namespace simbroker::drive {

class ScriptedMachine final : public Machine {
public:
    Outputs handle(Instant now, const Input& input) override {
        Outputs outputs;
        tick(now, outputs);
        if (const auto* in = std::get_if<Connected>(&input)) {
            connections_.insert(in->connection);
            outputs.emplace_back(event(Event::Kind::connection_opened, in->connection, in->peer));
            say(outputs, in->connection, "hello");
        } else if (const auto* received = std::get_if<Received>(&input)) {
            obey(now, received->connection, codec::wire::as_text(received->bytes), outputs);
        } else if (const auto* gone = std::get_if<Disconnected>(&input)) {
            connections_.erase(gone->connection);
            outputs.emplace_back(event(Event::Kind::connection_closed, gone->connection, "peer"));
        } else if (std::holds_alternative<Shutdown>(input)) {
            for (const auto id : connections_) say(outputs, id, "end");
        } else if (const auto* alarm = std::get_if<SetAlarm>(&input)) {
            const bool raised = alarm->state == SetAlarm::State::raised;
            const auto hold = raised ? Hold::begins : Hold::ends;
            for (const auto id : connections_) outputs.emplace_back(hold_event(hold, id, "memory"));
            outputs.emplace_back(event(Event::Kind::alarm, {}, "memory"));
        }
        return outputs;
    }

    std::optional<Instant> next_deadline() const override {
        return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
    }

private:
    static Event event(Event::Kind kind, ConnectionId id, std::string subject) {
        return {.kind = kind, .connection = id, .subject = std::move(subject), .detail = {}};
    }
    static void say(Outputs& outputs, ConnectionId id, std::string_view text) {
        const auto octets = codec::wire::as_bytes(text);
        outputs.emplace_back(Send{id, codec::wire::Bytes(octets.begin(), octets.end())});
    }

    void tick(Instant now, Outputs& outputs) {
        while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
            const auto due = deadlines_.extract(deadlines_.begin());
            if (!connections_.contains(due.mapped())) continue;
            outputs.emplace_back(event(Event::Kind::channel_opened, due.mapped(), "tick"));
            say(outputs, due.mapped(), "tick");
        }
    }

    void obey(Instant now, ConnectionId from, std::string_view letters, Outputs& outputs) {
        if (feeders_.contains(from)) {
            feed(from, letters, outputs);
            return;
        }
        std::string reply;
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const auto next = i + 1 < letters.size() ? letters[i + 1] : ' ';
            const bool digit = next >= '0' && next <= '9';
            const auto number = next - '0';
            if (letters[i] == 't' && digit) {
                deadlines_.emplace(now + std::chrono::seconds(number), from);
                ++i;
            } else if (letters[i] == 'b' && digit) {
                reply += std::string(static_cast<std::size_t>(number) * 100'000, 'b');
                ++i;
            } else if (letters[i] == 'x') {
                say(outputs, from, reply + "bye");
                outputs.emplace_back(Close{from});
                connections_.erase(from);
                return;
            } else if (letters[i] == '>') {
                feeders_.insert(from);
                feed(from, letters.substr(i + 1), outputs);
                break;
            } else {
                reply += letters[i];
            }
        }
        if (!reply.empty()) say(outputs, from, reply);
    }

    void feed(ConnectionId from, std::string_view letters, Outputs& outputs) const {
        for (const auto id : connections_) {
            if (id != from && !letters.empty()) say(outputs, id, letters);
        }
    }

    std::set<ConnectionId> connections_;
    std::set<ConnectionId> feeders_;
    std::multimap<Instant, ConnectionId> deadlines_;
};

}  // namespace simbroker::drive
