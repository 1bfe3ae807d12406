#include "conformance/dialogue/dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace conformance::dialogue {

namespace {

using nlohmann::json;

struct Row {
    std::string_view name;
    Verb verb;
    std::string_view modifiers;  // separated by blanks
};

constexpr std::array rows{
    Row{"connect", Verb::connect, "within"},
    Row{"setup", Verb::setup, "channel within"},
    Row{"call", Verb::call, "channel at_least quiet within"},
    Row{"send", Verb::send, "channel frame_max split"},
    Row{"send_frame", Verb::send_frame, "channel split"},
    Row{"send_bytes", Verb::send_bytes, "split"},
    Row{"hear", Verb::hear, "quiet within confirms"},
    Row{"fence", Verb::fence, "within"},
    Row{"drain", Verb::drain, "channel"},
    Row{"await_ready", Verb::await_ready, "channel within"},
    Row{"settle", Verb::settle, "quiet"},
    Row{"wait", Verb::wait, ""},
    Row{"drop", Verb::drop, ""},
    Row{"operate", Verb::operate, ""},
};

const Row* find_row(std::string_view name) {
    const auto* found = std::ranges::find(rows, name, &Row::name);
    return found == rows.end() ? nullptr : found;
}

bool takes(const Row& row, std::string_view modifier) {
    std::size_t from = 0;
    while (from < row.modifiers.size()) {
        const auto end = std::min(row.modifiers.find(' ', from), row.modifiers.size());
        if (row.modifiers.substr(from, end - from) == modifier) return true;
        from = end + 1;
    }
    return false;
}

std::string known_verbs() {
    std::string names;
    for (const auto& row : rows) names += (names.empty() ? "" : ", ") + std::string(row.name);
    return names;
}

// A plain scalar where YAML reads back the same text, otherwise in quotes as JSON has them.
std::string scalar(const json& value) {
    if (!value.is_string()) return value.dump(-1, ' ', true, json::error_handler_t::replace);
    const auto& text = value.get_ref<const std::string&>();
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-$";
    const bool letter_first = !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || text[0] == '$');
    const bool word = text == "true" || text == "false" || text == "null" || text == "yes" || text == "no";
    if (letter_first && !word && text.find_first_not_of(plain) == std::string::npos) return text;
    return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string flow(const json& value) {
    if (value.is_array()) {
        std::string text;
        for (const auto& entry : value) text += (text.empty() ? "" : ", ") + flow(entry);
        return "[" + text + "]";
    }
    if (!value.is_object()) return scalar(value);
    std::string text;
    for (const auto& [key, entry] : value.items()) {
        text += (text.empty() ? "" : ", ") + scalar(json(key)) + ": " + flow(entry);
    }
    return "{" + text + "}";
}

}  // namespace

std::string_view to_string(Verb verb) { return std::ranges::find(rows, verb, &Row::verb)->name; }

std::optional<Verb> verb_from(std::string_view name) {
    const auto* row = find_row(name);
    return row == nullptr ? std::nullopt : std::optional(row->verb);
}

std::expected<Act, std::string> act_from_json(const json& from) {
    if (!from.is_object()) return std::unexpected(fmt::format("expected an act as {{verb: ..}}, got {}", from.dump()));
    const Row* row = nullptr;
    Act act{.modifiers = json::object()};
    for (const auto& [key, value] : from.items()) {
        const auto* found = find_row(key);
        if (found != nullptr && row != nullptr) {
            return std::unexpected(fmt::format("'{}' and '{}' stand side by side; expected one verb", row->name, key));
        }
        if (found != nullptr) {
            row = found;
            act.argument = value;
        } else if (key == "on") {
            if (!value.is_number_unsigned() || value == 0) return std::unexpected("on: expected a number from 1");
            act.line = value.get<unsigned>();
        } else {
            act.modifiers[key] = value;
        }
    }
    if (row == nullptr) return std::unexpected(fmt::format("no verb in {}; expected {}", from.dump(), known_verbs()));
    act.verb = row->verb;
    for (const auto& [key, value] : act.modifiers.items()) {
        if (!takes(*row, key)) {
            return std::unexpected(fmt::format("{} takes no '{}'; expected on {}", row->name, key, row->modifiers));
        }
    }
    return act;
}

json to_json(const Act& act) {
    auto object = act.modifiers.is_object() ? act.modifiers : json::object();
    object[std::string(to_string(act.verb))] = act.argument;
    if (act.line != 1) object["on"] = act.line;
    return object;
}

std::string to_yaml(const Dialogue& dialogue) {
    auto text = fmt::format("id: {}\n", scalar(dialogue.id));
    if (!dialogue.about.empty()) text += fmt::format("about: {}\n", scalar(dialogue.about));
    if (!dialogue.needs.empty()) text += fmt::format("needs: {}\n", flow(dialogue.needs));
    if (!dialogue.config.empty()) text += fmt::format("config: {}\n", flow(dialogue.config));
    text += "acts:\n";
    for (const auto& act : dialogue.acts) {
        text += fmt::format("- {}: {}", to_string(act.verb), flow(act.argument));
        if (act.line == 1 && act.modifiers.empty()) {
            text += '\n';
            continue;
        }
        // A second key needs the braces of a flow mapping.
        auto rest = act.modifiers;
        if (act.line != 1) rest["on"] = act.line;
        text.replace(
            text.rfind("\n- ") + 3,
            std::string::npos,
            fmt::format("{{{}: {}, {}\n", to_string(act.verb), flow(act.argument), flow(rest).substr(1))
        );
    }
    return text;
}

}  // namespace conformance::dialogue
