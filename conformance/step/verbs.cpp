// The list of verbs, and what all of them have in common: checking a step before it runs, and running it.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/step/modifiers.hpp"

namespace conformance::step {

namespace {

using catalogue::LoadError;
using catalogue::Scenario;
using nlohmann::json;

std::vector<Verb> all_verbs() {
    std::vector<Verb> all;
    for (const auto family :
         {send_verbs,
          expect_verbs,
          expect_set_verbs,
          confirm_verbs,
          close_verbs,
          silence_verbs,
          connect_verbs,
          time_verbs,
          ask_verbs,
          fault_verbs}) {
        for (auto& verb : family()) all.push_back(std::move(verb));
    }
    return all;
}

std::string names(Role role) {
    std::string text;
    for (const auto& verb : verbs()) {
        if (!verb.only || *verb.only == role) text += (text.empty() ? "" : ", ") + std::string(verb.name);
    }
    return text;
}

std::optional<std::string> unknown_modifier(const Verb& verb, const json& modifiers) {
    for (const auto& [key, value] : modifiers.items()) {
        if (key == "note" || std::ranges::find(verb.modifiers, key) != verb.modifiers.end()) continue;
        return fmt::format("{} takes no '{}'; expected {}", verb.name, key, fmt::join(verb.modifiers, ", "));
    }
    return {};
}

class Checker {
public:
    explicit Checker(const Scenario& scenario) : scenario_(scenario), parameters_(scenario.parameters) {
        known_ = built_in_;
        for (const auto& [name, value] : scenario.parameters.items()) known_.insert(name);
    }

    std::vector<LoadError> check() {
        check_scenario_variables("parameters", scenario_.parameters, built_in_);
        check_scenario_variables("connection", scenario_.connection, known_);
        check_scenario_variables("cleanup", scenario_.cleanup.queues, known_);
        check_scenario_variables("cleanup", scenario_.cleanup.exchanges, known_);
        for (const auto& step : scenario_.steps) check_step(step);
        return std::move(errors_);
    }

private:
    void check_scenario_variables(std::string_view field, const json& value, const std::set<std::string>& known) {
        for (const auto& name : variables_in(value)) {
            if (known.contains(name)) continue;
            errors_.push_back(
                {scenario_.at, fmt::format("{}: no variable ${}; there are ${}", field, name, fmt::join(known, " $"))}
            );
        }
    }

    void error(const Step& step, const std::string& text) {
        errors_.push_back({step.at, fmt::format("{}: {}", step.verb, text)});
    }

    void check_step(const Step& step) {
        const auto* verb = find_verb(step.verb);
        if (verb == nullptr) {
            errors_.push_back(
                {step.at, fmt::format("unknown verb '{}'; expected {}", step.verb, names(scenario_.under_test))}
            );
            return;
        }
        if (verb->only && *verb->only != scenario_.under_test) {
            return error(step, fmt::format("only where under_test is {}", to_string(*verb->only)));
        }
        if (auto wrong = unknown_modifier(*verb, step.modifiers)) return error(step, *wrong);
        if (!check_variables(step)) return;
        auto filled = step;
        filled.argument = parameters_.substitute_known(step.argument);
        filled.modifiers = parameters_.substitute_known(step.modifiers);
        if (auto wrong = modifier_error(filled.modifiers)) return error(step, *wrong);
        if (auto wrong = verb->check(filled, scenario_.under_test)) return error(step, *wrong);
        remember(step);
        for (const auto& inner : step.steps) check_step(inner);
    }

    bool check_variables(const Step& step) {
        auto used = variables_in(step.argument);
        used.merge(variables_in(step.modifiers));
        for (const auto& name : used) {
            if (known_.contains(name)) continue;
            error(step, fmt::format("no variable ${}; there are ${}", name, fmt::join(known_, " $")));
            return false;
        }
        return true;
    }

    void remember(const Step& step) {
        if (step.modifiers.contains("save")) {
            for (const auto& [name, part] : step.modifiers.at("save").items()) known_.insert(name);
        }
        if (step.verb == "repeat" && step.argument.contains("as"))
            known_.insert(step.argument.at("as").get<std::string>());
    }

    const std::set<std::string> built_in_{"id", "user", "password", "vhost", "channel_max", "frame_max", "heartbeat"};
    const Scenario& scenario_;
    Variables parameters_;
    std::set<std::string> known_;
    std::vector<LoadError> errors_;
};

}  // namespace

const std::vector<Verb>& verbs() {
    static const auto all = all_verbs();
    return all;
}

const Verb* find_verb(std::string_view name) {
    const auto found = std::ranges::find(verbs(), name, &Verb::name);
    return found == verbs().end() ? nullptr : &*found;
}

std::vector<LoadError> check_steps(const Scenario& scenario) { return Checker(scenario).check(); }

Outcome run_step(Conversation& conversation, const Step& step) {
    const auto* verb = find_verb(step.verb);
    if (verb == nullptr) return inconclusive("unknown verb " + step.verb);
    auto filled = step;
    auto argument = conversation.variables().substitute(step.argument);
    if (!argument) return inconclusive(argument.error());
    auto modifiers = conversation.variables().substitute(step.modifiers);
    if (!modifiers) return inconclusive(modifiers.error());
    filled.argument = std::move(*argument);
    filled.modifiers = std::move(*modifiers);
    auto& timeline = conversation.timeline();
    timeline.begin_step(conversation.stage().now(), filled);
    auto outcome = verb->run(conversation, filled);
    timeline.end_step(conversation.stage().now(), outcome);
    return outcome;
}

}  // namespace conformance::step
