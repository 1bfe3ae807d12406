// ask, await, observe: the client under test through its shim (conformance/shim/README.md).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "conformance/step/json_path.hpp"
#include "conformance/step/modifiers.hpp"
#include "simbroker/fault/duration.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;

// The operations of the contract, and the events; anything else in a scenario is a slip.
constexpr std::string_view operations[] = {
    "connect",       "close",           "channel.open",  "channel.close", "exchange.declare", "exchange.delete",
    "exchange.bind", "exchange.unbind", "queue.declare", "queue.bind",    "queue.unbind",     "queue.purge",
    "queue.delete",  "basic.qos",       "basic.publish", "basic.consume", "basic.cancel",     "basic.get",
    "basic.ack",     "basic.nack",      "basic.reject",  "basic.recover", "confirm.select",   "confirm.asynchronous",
    "tx.select",     "tx.commit",       "tx.rollback",   "wait",
};
constexpr std::string_view event_names[] = {
    "basic.deliver",
    "basic.return",
    "basic.cancel",
    "basic.ack",
    "basic.nack",
    "connection.blocked",
    "connection.unblocked",
    "channel.close",
    "connection.close",
};
constexpr std::string_view error_kinds[] = {
    "channel_closed",
    "connection_closed",
    "connection_lost",
    "connection_refused",
    "authentication_failed",
    "protocol_error",
    "returned",
    "nacked",
    "cancelled",
    "timeout",
    "invalid_argument",
    "wrong_state",
    "other",
};

// What an expected event may say to mean one of several.
constexpr const char* selectors[] = {"channel", "consumer_tag", "delivery_tag"};

template <std::size_t size>
bool is_one_of(const std::string_view (&names)[size], std::string_view name) {
    return std::ranges::find(names, name) != std::end(names);
}

// {name: {arguments}} or just the name.
std::pair<std::string, json> call_of(const json& argument) {
    if (argument.is_string()) return {argument.get<std::string>(), json::object()};
    if (!argument.is_object() || argument.size() != 1) return {};
    const auto& arguments = argument.begin().value();
    return {argument.begin().key(), arguments.is_null() ? json::object() : arguments};
}

std::optional<std::string> error_expectation_error(const json& error) {
    if (!error.is_object())
        return "error: expected a mapping such as {kind: channel_closed, code: 404}, got " + error.dump();
    for (const auto& [key, value] : error.items()) {
        if (key != "kind" && key != "code" && key != "text") {
            return fmt::format("error: unknown field '{}'; expected kind, code or text", key);
        }
        if (key != "kind") continue;
        for (const auto& kind : value.is_array() ? value : json::array({value})) {
            if (kind.is_string() && is_one_of(error_kinds, kind.get_ref<const std::string&>())) continue;
            return fmt::format("error: {} is no kind; expected {}", kind.dump(), fmt::join(error_kinds, ", "));
        }
    }
    return {};
}

std::optional<std::string> answer_error(const Step& step) {
    const auto& modifiers = step.modifiers;
    const auto count = modifiers.contains("result") + modifiers.contains("error") + modifiers.contains("outcome");
    if (count > 1) return "result, error and outcome exclude each other";
    if (modifiers.contains("outcome") && modifiers.at("outcome") != "any") return "outcome: expected any";
    if (modifiers.contains("error")) return error_expectation_error(modifiers.at("error"));
    return {};
}

std::optional<std::string> check_ask(const Step& step, Role) {
    const auto [operation, arguments] = call_of(step.argument);
    if (!is_one_of(operations, operation)) {
        return fmt::format(
            "expected an operation of the shim contract, got {}; there are {}",
            step.argument.dump(),
            fmt::join(operations, ", ")
        );
    }
    if (!arguments.is_object())
        return fmt::format("{}: expected a mapping of arguments, got {}", operation, arguments.dump());
    if (step.modifiers.contains("as") && (step.modifiers.contains("save") || step.modifiers.contains("result") ||
                                          step.modifiers.contains("error") || step.modifiers.contains("outcome"))) {
        return "with `as` the answer is not waited for; what is expected of it belongs to `await`";
    }
    return answer_error(step);
}

std::optional<std::string> check_await(const Step& step, Role) {
    if (!step.argument.is_string()) return "expected the name given by `as`, got " + step.argument.dump();
    return answer_error(step);
}

std::optional<std::string> check_observe(const Step& step, Role) {
    const auto [event, expected] = call_of(step.argument);
    if (!is_one_of(event_names, event)) {
        return fmt::format(
            "expected an event of the shim contract, got {}; there are {}",
            step.argument.dump(),
            fmt::join(event_names, ", ")
        );
    }
    return {};
}

// Bodies in the notation of scenarios become what the contract has: text, or {"hex": ..}.
std::expected<json, std::string> plain_body(const json& body) {
    const auto octets = simbroker::fault::octets_from_json(body);
    if (!octets) return std::unexpected(octets.error());
    return text_or_hex(*octets);
}

std::expected<json, Trouble> completed(Conversation& conversation, const std::string& operation, json arguments) {
    if (arguments.contains("body")) {
        auto body = plain_body(arguments.at("body"));
        if (!body) return inconclusive("body: " + body.error());
        arguments["body"] = std::move(*body);
    }
    if (operation != "connect") return arguments;
    const auto target = conversation.stage().connect_target();
    const auto colon = target.rfind(':');
    const auto& login = conversation.stage().login();
    json all = {
        {"host", target.substr(0, colon)},
        {"port", std::stoi(target.substr(colon + 1))},
        {"user", login.user},
        {"password", login.password},
        {"vhost", login.vhost},
    };
    all.update(arguments);
    return all;
}

std::string shown(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::optional<std::string> error_difference(const json& actual, const json& expected) {
    auto rest = expected;
    if (expected.contains("kind") && expected.at("kind").is_array()) {
        const auto& kinds = expected.at("kind");
        if (std::find(kinds.begin(), kinds.end(), actual.value("kind", json())) == kinds.end()) {
            return fmt::format("kind: expected one of {}, got {}", kinds.dump(), shown(actual.value("kind", json())));
        }
        rest.erase("kind");
    }
    return json_difference(actual, rest);
}

Outcome judge(Conversation& conversation, const Step& step, const Answer& answer, const std::string& what) {
    const auto& modifiers = step.modifiers;
    const auto came = shown(answer.value);
    switch (answer.kind) {
        case Answer::Kind::unsupported: return unsupported("the shim says: " + came);
        case Answer::Kind::error: {
            if (modifiers.contains("outcome")) break;
            if (!modifiers.contains("error"))
                return fail(fmt::format("{}: got the error {}", what, came), "a result", "the error " + came);
            if (const auto differs = error_difference(answer.value, modifiers.at("error"))) {
                return fail(
                    fmt::format("{}: got the error {}: {}", what, came, *differs),
                    "the error " + modifiers.at("error").dump(),
                    fmt::format("the error {}: {}", came, *differs)
                );
            }
            break;
        }
        case Answer::Kind::result: {
            if (modifiers.contains("error")) {
                auto trouble = unmet("the error " + modifiers.at("error").dump(), "the result " + came);
                trouble.error().text.insert(0, what + ": ");
                return trouble;
            }
            if (!modifiers.contains("result")) break;
            if (const auto differs = json_difference(answer.value, modifiers.at("result"))) {
                return fail(
                    fmt::format("{}: got {}: {}", what, came, *differs),
                    "the result " + modifiers.at("result").dump(),
                    fmt::format("{}: {}", came, *differs)
                );
            }
            break;
        }
    }
    return save_members(conversation, step, answer.value);
}

Outcome run_ask(Conversation& conversation, const Step& step) {
    const auto [operation, arguments] = call_of(step.argument);
    const auto all = completed(conversation, operation, arguments);
    if (!all) return std::unexpected(all.error());
    const auto request = conversation.ask(operation, *all);
    if (!request) return std::unexpected(request.error());
    if (step.modifiers.contains("as")) {
        conversation.pending()[step.modifiers.at("as").get<std::string>()] = *request;
        return {};
    }
    const auto answer = conversation.answer(*request, within(conversation, step));
    if (!answer) return fail(fmt::format("{}: {}", operation, answer.error().text));
    return judge(conversation, step, *answer, operation);
}

Outcome run_await(Conversation& conversation, const Step& step) {
    const auto name = step.argument.get<std::string>();
    const auto request = conversation.pending().extract(name);
    if (!request) return inconclusive(fmt::format("no request was asked as '{}'", name));
    const auto answer = conversation.answer(request.mapped(), within(conversation, step));
    if (!answer) return fail(fmt::format("{}: {}", name, answer.error().text));
    return judge(conversation, step, *answer, name);
}

// Events of several consumers, or channels, come in any order; of one, in their own.
bool is_meant(const ShimEvent& event, const std::string& name, const json& expected) {
    if (event.name != name) return false;
    return std::ranges::all_of(selectors, [&](const char* key) {
        return !expected.contains(key) || event.value.value(key, json()) == expected.at(key);
    });
}

std::string all_observed(const std::deque<ShimEvent>& events) {
    std::string text;
    for (const auto& event : events)
        text += fmt::format("{}{} {}", text.empty() ? "" : "; ", event.name, shown(event.value));
    return text.empty() ? "nothing" : text;
}

Outcome run_observe(Conversation& conversation, const Step& step) {
    const auto call = call_of(step.argument);
    const auto& [name, expected] = call;
    auto& events = conversation.events();
    const auto seen = [&] {
        return std::ranges::find_if(events, [&](const ShimEvent& event) {
            return is_meant(event, call.first, call.second);
        });
    };
    const auto until = conversation.after(within(conversation, step));
    conversation.wait(until, [&] { return seen() != events.end() || conversation.shim_exit().has_value(); });
    const auto wanted = fmt::format("the client to observe {} {}", name, expected.dump());
    const auto unobserved = [&](const std::string& instead) {
        return fail(fmt::format("expected {}; {}", wanted, instead), wanted, instead);
    };
    if (conversation.shim_exit() && seen() == events.end()) {
        return unobserved("the shim ended: " + *conversation.shim_exit());
    }
    if (seen() == events.end()) {
        const auto waited = simbroker::fault::duration_to_text(within(conversation, step));
        return unobserved(fmt::format("nothing within {}; unread are: {}", waited, all_observed(events)));
    }
    const auto event = *seen();
    events.erase(seen());
    if (const auto differs = json_difference(event.value, expected)) {
        return unobserved(fmt::format("{} (observed {})", *differs, shown(event.value)));
    }
    return save_members(conversation, step, event.value);
}

}  // namespace

std::vector<Verb> ask_verbs() {
    return {
        {"ask", Role::client, {"as", "within", "save", "result", "error", "outcome"}, check_ask, run_ask},
        {"await", Role::client, {"within", "save", "result", "error", "outcome"}, check_await, run_await},
        {"observe", Role::client, {"within", "save"}, check_observe, run_observe},
    };
}

}  // namespace conformance::step
