#include "conformance/runner/run_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/runner/aftermath.hpp"
#include "conformance/step/handshake.hpp"
#include "conformance/step/verb.hpp"

namespace conformance::runner {

namespace {

using catalogue::Role;
using catalogue::Scenario;
using nlohmann::json;
using step::Conversation;
using step::Outcome;
using step::Trouble;

constexpr simbroker::Duration handshake_patience = std::chrono::seconds(10);

struct Ended {
    catalogue::Location at;
    Outcome outcome;
};

constexpr std::string_view exchange_type_prefix = "exchange_type.";

// Declares an exchange of the type on a connection of its own: there is no other way to learn whether the broker has
// it.
Outcome has_exchange_type(Conversation& conversation, const Scenario& scenario, const std::string& type) {
    const json on_probe{{"on", "probe"}};
    const json exchange = {{"exchange", "$id.probe"}};
    auto declaration = exchange;
    declaration.update({{"type", type}, {"auto_delete", true}, {"arguments", {{"x-delayed-type", "fanout"}}}});
    const std::vector<catalogue::Step> steps{
        {scenario.at, "connect", {{"name", "probe"}}, json::object(), {}},
        {scenario.at, "open_channel", 1U, on_probe, {}},
        {scenario.at, "send", {{"exchange.declare", declaration}}, on_probe, {}},
        {scenario.at, "expect", "exchange.declare-ok", on_probe, {}},
        {scenario.at, "send", {{"exchange.delete", exchange}}, on_probe, {}},
        {scenario.at, "expect", "exchange.delete-ok", on_probe, {}},
        {scenario.at, "close", "probe", json::object(), {}},
    };
    for (const auto& step : steps) {
        auto done = step::run_step(conversation, step);
        if (done) continue;
        if (done.error().text.find("unknown exchange type") == std::string::npos) return done;
        return step::unsupported("the broker has no exchanges of type " + type);
    }
    return {};
}

Outcome capabilities_suffice(Conversation& conversation, const Scenario& scenario) {
    if (scenario.requires_.empty()) return {};
    const auto line = conversation.line();
    if (!line) return step::inconclusive("requires: there is no connection to learn the capabilities from");
    const auto& properties = (*line)->server_properties;
    for (const auto& capability : scenario.requires_) {
        if (capability.starts_with(exchange_type_prefix)) {
            const auto type = capability.substr(exchange_type_prefix.size());
            const auto named = conversation.variables().substitute(type);
            if (!named) return step::inconclusive(named.error());
            if (auto done = has_exchange_type(conversation, scenario, named->get<std::string>()); !done) return done;
            continue;
        }
        if (!properties.value("capabilities", json::object()).value(capability, false)) {
            return step::unsupported("the broker does not announce the capability " + capability);
        }
    }
    return {};
}

// What a report may show to anybody: not the password of a broker somewhere, unless everybody knows it.
std::string secret_of(const step::Login& login) {
    constexpr std::size_t shortest = 4;  // what is shorter stands in any text by chance
    return login.password == step::Login{}.password || login.password.size() < shortest ? "" : login.password;
}

Outcome prepare(Conversation& conversation, const Scenario& scenario) {
    if (scenario.under_test == Role::client) return operations_suffice(conversation.stage(), scenario);
    if (!scenario.broker.empty() && !conversation.stage().is_configured())
        return step::unsupported("it is about a broker that is configured with " + scenario.broker.dump());
    if (scenario.connection == "none") return {};
    const auto options = conversation.variables().substitute(scenario.connection);
    if (!options) return step::inconclusive(options.error());
    if (auto done = step::connect(conversation, *options, handshake_patience); !done) return done;
    return capabilities_suffice(conversation, scenario);
}

Ended run_steps(Conversation& conversation, const Scenario& scenario) {
    const auto begin_phase = [&](const char* name) {
        conversation.timeline().begin_phase(conversation.stage().now(), name);
    };
    begin_phase("preparation");
    if (auto done = prepare(conversation, scenario); !done) return {scenario.at, done};
    begin_phase("scenario");
    for (const auto& step : scenario.steps) {
        if (auto done = step::run_step(conversation, step); !done) {
            if (step.modifiers.contains("note"))
                done.error().text += " (" + step.modifiers.at("note").get<std::string>() + ")";
            return {step.at, done};
        }
    }
    begin_phase("afterwards");
    const bool broker = scenario.under_test == Role::broker;
    return {scenario.at, broker ? broker_aftermath(conversation, scenario) : client_aftermath(conversation)};
}

catalogue::Cleanup filled(const catalogue::Cleanup& cleanup, const step::Variables& variables) {
    catalogue::Cleanup result;
    const auto fill = [&](const std::vector<std::string>& names, std::vector<std::string>& into) {
        for (const auto& name : names) {
            if (const auto value = variables.substitute(name); value && value->is_string())
                into.push_back(value->get<std::string>());
        }
    };
    fill(cleanup.queues, result.queues);
    fill(cleanup.exchanges, result.exchanges);
    return result;
}

Verdict verdict_of(const Outcome& outcome) {
    if (outcome) return Verdict::pass;
    switch (outcome.error().kind) {
        case Trouble::Kind::fail: return Verdict::fail;
        case Trouble::Kind::unsupported: return Verdict::unsupported;
        case Trouble::Kind::inconclusive: return Verdict::inconclusive;
    }
    return Verdict::inconclusive;
}

}  // namespace

step::Variables variables_of(const step::Stage& stage, const Scenario& scenario, const RunOptions& options) {
    step::Variables built_in;
    built_in.set_built_in("id", options.prefix);
    built_in.set_built_in("user", stage.login().user);
    built_in.set_built_in("password", stage.login().password);
    built_in.set_built_in("vhost", stage.login().vhost);
    auto variables = built_in;
    for (const auto& [name, value] : scenario.parameters.items()) variables.set(name, built_in.substitute_known(value));
    return variables;
}

Outcome operations_suffice(const step::Stage& stage, const Scenario& scenario) {
    for (const auto& operation : scenario.requires_) {
        if (std::ranges::find(stage.operations(), operation) == stage.operations().end()) {
            return step::unsupported("the shim has no operation " + operation);
        }
    }
    return {};
}

Result run_scenario(step::Stage& stage, const Scenario& scenario, const RunOptions& options) {
    Conversation conversation(stage, scenario.under_test, variables_of(stage, scenario, options), options.patience);
    conversation.timeline().hide(secret_of(stage.login()));
    const auto began = stage.now();
    const auto [at, outcome] = run_steps(conversation, scenario);

    Result result{.scenario = &scenario, .verdict = verdict_of(outcome), .at = at, .took = stage.now() - began};
    if (!outcome) {
        result.message = outcome.error().text;
        result.expected = outcome.error().expected;
        result.got = outcome.error().got;
        result.transcript.assign(conversation.transcript().begin(), conversation.transcript().end());
    }
    for (auto& line : conversation.lines()) {
        if (!line.ended) conversation.drop(line);
    }
    if (scenario.under_test == Role::broker) clean_up(conversation, filled(scenario.cleanup, conversation.variables()));
    if (!outcome) result.shim_errors = stage.shim_errors();
    conversation.timeline().finish(stage.now());
    result.timeline = std::move(conversation.timeline());
    return result;
}

}  // namespace conformance::runner
