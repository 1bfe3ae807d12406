#include "conformance/step/json_path.hpp"

#include <fmt/format.h>

#include <charconv>
#include <regex>

#include "codec/wire/utf8.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::step {

using nlohmann::json;

namespace {

std::optional<json> element(const json& list, std::string_view name) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error != std::errc() || end != name.data() + name.size() || index >= list.size()) return {};
    return list[index];
}

std::string shown(const json& value) {
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    return text.size() > 120 ? text.substr(0, 120) + "..." : text;
}

bool is_pattern(const json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return text.size() > 1 && text.starts_with('/') && text.ends_with('/');
}

std::optional<std::string> pattern_difference(const json& actual, const std::string& pattern, const std::string& at) {
    try {
        const std::regex regex(pattern.substr(1, pattern.size() - 2));
        if (actual.is_string() && std::regex_match(actual.get_ref<const std::string&>(), regex)) return {};
    } catch (const std::regex_error& error) {
        return fmt::format("{}{} is no regular expression: {}", at, pattern, error.what());
    }
    return fmt::format("{}expected a match of {}, got {}", at, json(pattern).dump(), shown(actual));
}

bool is_body(std::string_view path) { return path == "body" || path.ends_with(".body"); }

// Equality as readers mean it: nlohmann::json takes -1 and 2^64 - 1 for equal, because it casts before it compares.
bool same(const json& actual, const json& expected) {
    const auto negative = [](const json& value) {
        return value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() < 0;
    };
    return negative(actual) == negative(expected) && actual == expected;
}

// A body as scenarios write it, against the text a shim gives.
std::optional<std::string> octets_difference(const json& actual, const json& expected, const std::string& at) {
    const auto octets = simbroker::fault::octets_from_json(expected);
    if (!octets) return at + octets.error();
    if (actual == text_or_hex(*octets)) return {};
    return fmt::format("{}expected {}, got {}", at, expected.dump(), shown(actual));
}

std::optional<std::string> difference_at(const json& actual, const json& expected, const std::string& path) {
    const auto at = path.empty() ? std::string() : path + ": ";
    if (is_pattern(expected)) return pattern_difference(actual, expected.get<std::string>(), at);
    if (is_body(path) && expected.is_object() && !expected.contains("size"))
        return octets_difference(actual, expected, at);
    if (!expected.is_object()) {
        return same(actual, expected)
                   ? std::nullopt
                   : std::optional(fmt::format("{}expected {}, got {}", at, shown(expected), shown(actual)));
    }
    if (expected.size() == 1 && expected.contains("size") && actual.is_string()) {
        const auto size = actual.get_ref<const std::string&>().size();
        return expected.at("size") == size
                   ? std::nullopt
                   : std::optional(fmt::format("{}expected {} octets, got {}", at, shown(expected.at("size")), size));
    }
    if (!actual.is_object()) return fmt::format("{}expected {}, got {}", at, shown(expected), shown(actual));
    for (const auto& [key, value] : expected.items()) {
        const auto inner = path.empty() ? key : path + "." + key;
        if (!actual.contains(key)) {
            if (value.is_null()) continue;
            return fmt::format("{}: expected {}, got nothing", inner, shown(value));
        }
        if (auto differs = difference_at(actual.at(key), value, inner)) return differs;
    }
    return {};
}

}  // namespace

std::optional<json> member(const json& whole, std::string_view path) {
    if (whole.is_object() && whole.contains(path)) return whole.at(std::string(path));
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    std::optional<json> found;
    if (whole.is_object() && whole.contains(name)) found = whole.at(std::string(name));
    if (whole.is_array()) found = element(whole, name);
    if (!found || dot == std::string_view::npos) return found;
    return member(*found, path.substr(dot + 1));
}

json text_or_hex(codec::wire::BytesView octets) {
    const auto text = codec::wire::as_text(octets);
    if (codec::wire::is_utf8(text)) return text;
    return {{"hex", fmt::format("{:02x}", fmt::join(octets, ""))}};
}

std::optional<std::string> json_difference(const json& actual, const json& expected) {
    return difference_at(actual, expected, {});
}

}  // namespace conformance::step
