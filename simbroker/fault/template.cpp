#include "simbroker/fault/template.hpp"

#include <fmt/format.h>

#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {

using nlohmann::json;

namespace {

bool is_blank(const json& text, std::string_view blank) {
    return text.is_object() && text.contains(blank) && text.at(blank).is_string();
}

std::expected<json, std::string> value_of(const json& blank_text, std::string_view blank, const Names& names) {
    const auto& name = blank_text.at(blank).get_ref<const std::string&>();
    const auto found = names.find(name);
    if (found == names.end()) {
        std::string known;
        for (const auto& [other, value] : names.items()) known += (known.empty() ? "" : ", ") + other;
        return std::unexpected(fmt::format("there is no {} '{}' here; there are {}", blank.substr(1), name, known));
    }
    const auto plus = blank_text.find("plus");
    if (plus == blank_text.end()) return *found;
    if (!plus->is_number_integer() || !found->is_number_integer()) {
        return std::unexpected(fmt::format("{} '{}': plus needs two integers", blank.substr(1), name));
    }
    return found->get<std::uint64_t>() + static_cast<std::uint64_t>(plus->get<std::int64_t>());
}

}  // namespace

std::expected<json, std::string> filled_in(const json& text, std::string_view blank, const Names& names) {
    if (is_blank(text, blank)) return value_of(text, blank, names);
    if (!text.is_structured()) return text;
    auto full = text;
    for (auto it = full.begin(); it != full.end(); ++it) {
        auto value = filled_in(*it, blank, names);
        if (!value) return value;
        *it = std::move(*value);
    }
    return full;
}

bool has_blank(const json& text, std::string_view blank, std::string_view name) {
    if (is_blank(text, blank)) return text.at(blank) == name;
    if (!text.is_structured()) return false;
    return std::ranges::any_of(text, [&](const json& part) { return has_blank(part, blank, name); });
}

bool Script::needs_channel() const {
    const auto is_connections = [](const json& method) {
        const auto name = method.is_string()                      ? method.get<std::string>()
                          : method.is_object() && !method.empty() ? method.begin().key()
                                                                  : std::string();
        return name.starts_with("connection.");
    };
    return std::ranges::any_of(frames, [&](const json& entry) {
        if (entry.is_object() && (entry.contains("channel") || entry.contains("bytes"))) return false;
        if (!entry.is_object() || !entry.contains("frame")) {
            const auto method = method_of_message(entry);
            return !method || !method->starts_with("connection.");
        }
        const auto& frame = entry.at("frame");
        if (frame.contains("channel") || frame.contains("heartbeat")) return false;
        return !frame.contains("method") || !is_connections(frame.at("method"));
    });
}

std::expected<codec::wire::Bytes, std::string> Script::render(
    codec::amqp091::ChannelNumber channel, std::size_t frame_max, const Names& names
) const {
    const auto full = filled_in(frames, field_blank, names);
    if (!full) return std::unexpected(full.error());
    return script_from_json(*full, {.channel = channel, .frame_max = frame_max});
}

}  // namespace simbroker::fault
