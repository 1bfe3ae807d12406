// expect_silence: for some time, nothing. All of it has to pass, so it is worth keeping short over TCP.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/step/arrival.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;
using simbroker::fault::duration_from_json;

const json& duration_of(const json& argument) { return argument.is_object() ? argument.at("for") : argument; }

std::optional<std::string> check(const Step& step, Role role) {
    const auto& argument = step.argument;
    if (argument.is_object()) {
        if (!argument.contains("for")) return "expected {for: 200ms, ...}, got " + argument.dump();
        for (const auto& [key, value] : argument.items()) {
            if (key == "for") continue;
            if (key != "event" && key != "method")
                return fmt::format("unknown key '{}'; expected for, event or method", key);
            if (!value.is_string()) return fmt::format("{}: expected a name, got {}", key, value.dump());
            if (key == "event" && role == Role::broker) return "event: only a client has events";
            if (key == "method" && codec::amqp091::find_method(value.get_ref<const std::string&>()) == nullptr) {
                return fmt::format("method: {} is no method of AMQP 0-9-1", value.dump());
            }
        }
    }
    const auto duration = duration_from_json(duration_of(argument));
    return duration ? std::nullopt : std::optional(duration.error());
}

Outcome no_event(Conversation& conversation, const std::string& name, Instant until) {
    auto& events = conversation.events();
    const auto seen = [&] { return std::ranges::find(events, name, &ShimEvent::name); };
    if (!conversation.wait(until, [&] { return seen() != events.end(); })) return {};
    return unmet("no event " + name, seen()->value.dump());
}

Relevant unwanted(Conversation& conversation, const Line& line, const Step& step) {
    const auto method = step.argument.is_object() ? step.argument.value("method", "") : std::string();
    if (!method.empty()) {
        return [method](const peer::Item& item) { return item.is(method) || item.kind == peer::Item::Kind::broken; };
    }
    if (!names_channel(step)) return [](const peer::Item& item) { return item.kind != peer::Item::Kind::heartbeat; };
    const auto channel = channel_of(conversation, line, step);
    return [channel, concerns_all = what_concerns_all(conversation.role())](const peer::Item& item) {
        return concerns_all(item) || (item.channel == channel && item.kind != peer::Item::Kind::heartbeat);
    };
}

Outcome run(Conversation& conversation, const Step& step) {
    const auto duration = duration_from_json(duration_of(step.argument));
    if (!duration) return inconclusive(duration.error());
    if (auto allowed = waiting_allowed(conversation, *duration); !allowed) return allowed;
    const auto until = conversation.after(*duration);
    if (step.argument.is_object() && step.argument.contains("event")) {
        return no_event(conversation, step.argument.at("event").get<std::string>(), until);
    }
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    const auto item = take_next(conversation, **line, unwanted(conversation, **line, step), until);
    if (!item) return {};
    return unmet("silence", peer::describe(*item));
}

}  // namespace

std::vector<Verb> silence_verbs() { return {{"expect_silence", {}, {"on", "channel"}, check, run}}; }

}  // namespace conformance::step
