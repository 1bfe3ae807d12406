// expect_silence: for some time, nothing. All of it has to pass, so it is worth keeping short over TCP.
// expect_anything: after nonsense a peer may say what it likes until it is silent; but there is what is never right.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/step/arrival.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::step {

namespace {

using codec::amqp091::connection::Close;
using nlohmann::json;
using peer::Item;
using simbroker::fault::duration_from_json;

constexpr std::uint16_t internal_error = 541;

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

std::optional<std::string> check_anything(const Step& step, Role) {
    if (step.argument.is_object()) {
        for (const auto& [key, value] : step.argument.items()) {
            if (key != "for" && key != "internal_error") return "expected {for: duration, internal_error: allowed}";
        }
        if (!step.argument.contains("for")) return "expected for: a duration";
        if (step.argument.value("internal_error", json("allowed")) != "allowed")
            return "internal_error: expected allowed";
    }
    const auto duration = duration_from_json(duration_of(step.argument));
    return duration ? std::nullopt : std::optional(duration.error());
}

// Whatever arrives is noted, with the time.
std::string last_note(const Conversation& conversation) {
    return conversation.transcript().empty() ? std::string() : conversation.transcript().back();
}

// Of a broker. What a client says that was told nonsense depends on the nonsense: a smaller frame-max, for one.
Outcome nothing_wrong(const Line& line, bool may_be_internal_error) {
    for (const auto& item : line.inbox) {
        const auto* close = item.method ? std::get_if<Close>(&*item.method) : nullptr;
        const bool crashed = close != nullptr && close->reply_code == internal_error && !may_be_internal_error;
        if (item.kind == Item::Kind::broken || crashed) return fail(fmt::format("got {}", peer::describe(item)));
    }
    return {};
}

Outcome run_anything(Conversation& conversation, const Step& step) {
    const auto duration = duration_from_json(duration_of(step.argument));
    if (!duration) return inconclusive(duration.error());
    if (auto allowed = waiting_allowed(conversation, *duration); !allowed) return allowed;
    const auto exited = [&] { return conversation.shim_exit().has_value(); };
    if (conversation.role() == Role::client && conversation.lines().empty()) {
        conversation.wait(conversation.after(conversation.patience()), [&] {
            return !conversation.lines().empty() || exited();
        });
    }
    // A peer may talk on and on; the next step has more to say about that.
    const auto enough = conversation.after(conversation.patience());
    auto heard = last_note(conversation);
    while (conversation.wait(std::min(conversation.after(*duration), enough), [&] {
        return last_note(conversation) != heard || exited();
    })) {
        if (exited()) return fail("the shim ended: " + *conversation.shim_exit());
        heard = last_note(conversation);
    }
    if (conversation.role() == Role::client) return {};
    for (const auto& line : conversation.lines()) {
        if (auto done = nothing_wrong(line, step.argument.is_object()); !done) return done;
    }
    return {};
}

}  // namespace

std::vector<Verb> silence_verbs() {
    return {
        {"expect_silence", {}, {"on", "channel"}, check, run},
        {"expect_anything", {}, {}, check_anything, run_anything},
    };
}

}  // namespace conformance::step
