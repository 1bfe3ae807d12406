// advance, repeat, operate: time, repetition and the operator.
#include <fmt/format.h>

#include "conformance/step/modifiers.hpp"
#include "conformance/step/operator.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;

constexpr std::uint64_t most_repetitions = 100000;

std::optional<std::string> check_advance(const Step& step, Role) {
    if (!variables_in(step.argument).empty()) return {};
    const auto duration = simbroker::fault::duration_from_json(step.argument);
    return duration ? std::nullopt : std::optional(duration.error());
}

Outcome run_advance(Conversation& conversation, const Step& step) {
    const auto duration = simbroker::fault::duration_from_json(step.argument);
    if (!duration) return inconclusive(duration.error());
    if (auto allowed = waiting_allowed(conversation, *duration); !allowed) return allowed;
    conversation.wait(conversation.after(*duration), [] { return false; });
    return {};
}

// The loader has turned the list `steps` into Step::steps and left times and as.
std::optional<std::string> check_repeat(const Step& step, Role) {
    const auto& argument = step.argument;
    if (!argument.is_object() || !argument.contains("times") || step.steps.empty()) {
        return "expected {times: 3, as: i, steps: [...]}";
    }
    for (const auto& [key, value] : argument.items()) {
        if (key != "times" && key != "as") return fmt::format("unknown key '{}'; expected times, as or steps", key);
    }
    const auto& times = argument.at("times");
    const bool unknown = times.is_string() && !variables_in(times).empty();
    if (!unknown && !(times.is_number_unsigned() && times.get<std::uint64_t>() <= most_repetitions)) {
        return fmt::format("times: expected a number up to {}, got {}", most_repetitions, times.dump());
    }
    if (argument.contains("as") && !argument.at("as").is_string()) return "as: expected the name of a variable";
    return {};
}

Outcome run_repeat(Conversation& conversation, const Step& step) {
    if (!step.argument.at("times").is_number_unsigned()) {
        return inconclusive("times: expected a number, got " + step.argument.at("times").dump());
    }
    const auto times = step.argument.at("times").get<std::uint64_t>();
    const auto counter = step.argument.value("as", "");
    for (std::uint64_t i = 1; i <= times; ++i) {
        if (!counter.empty()) conversation.variables().set(counter, i);
        for (const auto& inner : step.steps) {
            if (auto done = run_step(conversation, inner); !done) {
                done.error().text += fmt::format(" (repetition {} of {}, {})", i, times, to_string(inner.at));
                return done;
            }
        }
    }
    return {};
}

std::optional<std::string> check_operate(const Step& step, Role) {
    const auto input = operator_input(step.argument);
    return input ? std::nullopt : std::optional(input.error());
}

Outcome run_operate(Conversation& conversation, const Step& step) {
    auto input = operator_input(step.argument);
    if (!input) return inconclusive(input.error());
    if (auto* close = std::get_if<simbroker::CloseConnection>(&*input)) {
        const auto line = line_of(conversation, step);
        if (!line) return std::unexpected(line.error());
        close->connection = (*line)->id;
    }
    conversation.note("the operator: " + step.argument.dump());
    return conversation.stage().operate(*input);
}

}  // namespace

std::vector<Verb> time_verbs() {
    return {
        {"advance", {}, {}, check_advance, run_advance},
        {"repeat", {}, {}, check_repeat, run_repeat},
        {"operate", {}, {"on"}, check_operate, run_operate},
    };
}

}  // namespace conformance::step
