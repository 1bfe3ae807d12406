// expect_one_of and expect_all: several expectations at once, as alternatives or in any order.
#include <algorithm>

#include "conformance/step/arrival.hpp"
#include "conformance/step/ending.hpp"
#include "conformance/step/expectation.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;

bool is_ending(const json& alternative) {
    return alternative.is_object() && alternative.size() == 1 && alternative.contains("close");
}

std::optional<std::string> alternative_error(const json& alternative) {
    if (alternative == "silence") return {};
    return is_ending(alternative) ? ending_error(alternative.at("close")) : expectation_error(alternative);
}

std::string describe_alternative(const json& alternative) {
    if (alternative == "silence") return "silence";
    return is_ending(alternative) ? describe_ending(alternative.at("close")) : describe(alternative);
}

std::string describe_all(const std::vector<json>& entries, std::string_view between) {
    std::string text;
    for (const auto& entry : entries) {
        text += (text.empty() ? "" : std::string(between)) + describe_alternative(entry);
    }
    return text;
}

std::optional<std::string> list_error(const json& list) {
    if (list.is_array() && !list.empty()) return {};
    return "expected a list of expectations, got " + list.dump();
}

std::optional<std::string> check_one_of(const Step& step, Role) {
    if (auto wrong = list_error(step.argument)) return wrong;
    for (const auto& alternative : step.argument) {
        if (auto wrong = alternative_error(alternative)) return wrong;
    }
    return {};
}

std::optional<std::string> check_all(const Step& step, Role) {
    if (auto wrong = list_error(step.argument)) return wrong;
    for (const auto& expectation : step.argument) {
        if (auto wrong = expectation_error(expectation)) return wrong;
    }
    return {};
}

// The part of an alternative that says which items are looked at.
std::vector<json> looked_at(const std::vector<json>& alternatives) {
    std::vector<json> expectations;
    for (const auto& alternative : alternatives) {
        if (alternative != "silence" && !is_ending(alternative)) expectations.push_back(alternative);
    }
    // Endings and silence alone: anything on the step's channel is looked at.
    if (expectations.empty()) expectations.push_back({{"channel.close", json::object()}});
    return expectations;
}

Outcome run_one_of(Conversation& conversation, const Step& step) {
    const auto found = line_of(conversation, step);
    if (!found) return std::unexpected(found.error());
    auto& line = **found;
    const std::vector<json> alternatives(step.argument.begin(), step.argument.end());
    const auto until = conversation.after(within(conversation, step));
    const auto item =
        take_next(conversation, line, relevant_for(conversation, line, step, looked_at(alternatives)), until);
    const auto expected = "one of: " + describe_all(alternatives, " | ");
    if (!item) {
        if (std::ranges::find(alternatives, json("silence")) != alternatives.end()) return {};
        return unmet(expected, nothing_came(line, within(conversation, step)));
    }
    std::string differences;
    for (const auto& alternative : alternatives) {
        if (alternative == "silence") continue;
        const bool ending = is_ending(alternative);
        const auto differs =
            ending ? ending_difference(*item, alternative.at("close")) : difference(*item, alternative);
        if (differs) {
            if (!differences.ends_with(*differs)) differences += (differences.empty() ? "" : "; ") + *differs;
            continue;
        }
        if (ending) return finish_ending(conversation, line, *item, until);
        reply_to_close(conversation, line, *item);
        return save_parts(conversation, step, *item);
    }
    return unmet(expected, differences);
}

Outcome run_all(Conversation& conversation, const Step& step) {
    const auto found = line_of(conversation, step);
    if (!found) return std::unexpected(found.error());
    auto& line = **found;
    std::vector<json> missing(step.argument.begin(), step.argument.end());
    const auto until = conversation.after(within(conversation, step));
    while (!missing.empty()) {
        const auto item = take_next(conversation, line, relevant_for(conversation, line, step, missing), until);
        const auto expected = describe_all(missing, " and ");
        if (!item) return unmet(expected, nothing_came(line, within(conversation, step)));
        const auto match = std::ranges::find_if(missing, [&](const json& entry) { return !difference(*item, entry); });
        if (match == missing.end()) {
            return unmet(expected, missing.size() == 1 ? *difference(*item, missing.front()) : peer::describe(*item));
        }
        reply_to_close(conversation, line, *item);
        missing.erase(match);
    }
    return {};
}

}  // namespace

std::vector<Verb> expect_set_verbs() {
    return {
        {"expect_one_of", {}, {"on", "channel", "within", "save"}, check_one_of, run_one_of},
        {"expect_all", {}, {"on", "channel", "within"}, check_all, run_all},
    };
}

}  // namespace conformance::step
