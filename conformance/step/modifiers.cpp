#include "conformance/step/modifiers.hpp"

#include <fmt/format.h>

#include "conformance/step/expectation.hpp"
#include "conformance/step/json_path.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::step {

using codec::amqp091::ChannelNumber;
using nlohmann::json;

namespace {

bool is_unknown(const json& value) { return value.is_string() && !variables_in(value).empty(); }

std::optional<std::string> channel_error(const json& channel) {
    if (is_unknown(channel) || (channel.is_number_unsigned() && channel.get<std::uint64_t>() <= 65535)) return {};
    return "channel: expected a number from 0 to 65535, got " + channel.dump();
}

std::optional<std::string> save_error(const json& save) {
    if (!save.is_object() || save.empty()) return "save: expected {variable: field}, got " + save.dump();
    for (const auto& [name, part] : save.items()) {
        if (!part.is_string()) return fmt::format("save: {}: expected the name of a field, got {}", name, part.dump());
        if (variables_in("$" + name) != std::set<std::string>{name})
            return fmt::format("save: '{}' is no variable name", name);
    }
    return {};
}

}  // namespace

std::optional<std::string> modifier_error(const json& modifiers) {
    if (modifiers.contains("channel")) {
        if (auto wrong = channel_error(modifiers.at("channel"))) return wrong;
    }
    if (modifiers.contains("save")) {
        if (auto wrong = save_error(modifiers.at("save"))) return wrong;
    }
    for (const auto* key : {"on", "as", "note"}) {
        if (modifiers.contains(key) && !modifiers.at(key).is_string()) {
            return fmt::format("{}: expected text, got {}", key, modifiers.at(key).dump());
        }
    }
    if (modifiers.contains("within") && !is_unknown(modifiers.at("within"))) {
        const auto duration = simbroker::fault::duration_from_json(modifiers.at("within"));
        if (!duration) return "within: " + duration.error();
    }
    return {};
}

Duration within(const Conversation& conversation, const Step& step) {
    if (!step.modifiers.contains("within")) return conversation.patience();
    return simbroker::fault::duration_from_json(step.modifiers.at("within")).value_or(Duration{});
}

std::expected<Line*, Trouble> line_of(Conversation& conversation, const Step& step) {
    return conversation.line(step.modifiers.value("on", ""));
}

ChannelNumber channel_of(Conversation& conversation, const Line& line, const Step& step) {
    if (names_channel(step)) return ChannelNumber{step.modifiers.at("channel").get<std::uint16_t>()};
    return conversation.role() == Role::client ? line.last_opened : ChannelNumber{1};
}

bool names_channel(const Step& step) { return step.modifiers.contains("channel"); }

Outcome waiting_allowed(Conversation& conversation, Duration duration) {
    const auto most = conversation.stage().longest_advance();
    if (!most || duration <= *most) return {};
    return unsupported(fmt::format(
        "needs {} of real time, and at most {} are allowed (--max-wait)",
        simbroker::fault::duration_to_text(duration),
        simbroker::fault::duration_to_text(*most)
    ));
}

Outcome save_parts(Conversation& conversation, const Step& step, const peer::Item& item) {
    if (!step.modifiers.contains("save")) return {};
    for (const auto& [name, path] : step.modifiers.at("save").items()) {
        auto part = part_of(item, path.get_ref<const std::string&>());
        if (!part) return fail(fmt::format("save: there is no {} in {}", path.dump(), peer::describe(item)));
        conversation.variables().set(name, std::move(*part));
    }
    return {};
}

Outcome save_members(Conversation& conversation, const Step& step, const json& whole) {
    if (!step.modifiers.contains("save")) return {};
    for (const auto& [name, path] : step.modifiers.at("save").items()) {
        auto part = member(whole, path.get_ref<const std::string&>());
        if (!part) return fail(fmt::format("save: there is no {} in {}", path.dump(), whole.dump()));
        conversation.variables().set(name, std::move(*part));
    }
    return {};
}

}  // namespace conformance::step
