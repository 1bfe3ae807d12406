// Compares what arrived with what a scenario expects, in the words of the scenario.
#include <algorithm>
#include <regex>

#include "codec/amqp091/json_value.hpp"

namespace codec::amqp091 {
namespace {

using nlohmann::json;
using Mismatch = std::optional<std::string>;

// The library's matcher recurses once an octet.
constexpr std::size_t max_regex_subject = 16 * 1024;

Mismatch differs(Path path, const json& expected, const json& actual) {
    return fmt::format("{}: expected {}, got {}", path, described(expected), described(actual));
}

bool is_regex(const json& expected) {
    if (!expected.is_string()) return false;
    const auto& text = expected.get_ref<const std::string&>();
    return text.size() > 2 && text.starts_with('/') && text.ends_with('/');
}

Mismatch match_regex(Path path, const json& expected, std::string_view actual) {
    const auto& pattern = expected.get_ref<const std::string&>();
    if (actual.size() > max_regex_subject) {
        return fmt::format("{}: {} octets are too many for a regular expression", path, actual.size());
    }
    try {
        const std::regex regex(pattern.substr(1, pattern.size() - 2), std::regex::ECMAScript);
        if (std::regex_match(actual.begin(), actual.end(), regex)) return std::nullopt;
    } catch (const std::regex_error& error) {
        return fmt::format("{}: {} is no ECMAScript regular expression: {}", path, pattern, error.what());
    }
    return fmt::format("{}: expected to match {}, got {}", path, pattern, described(text_to_json(actual)));
}

Mismatch match_text(Path path, const json& expected, std::string_view actual) {
    if (is_regex(expected)) return match_regex(path, expected, actual);
    const auto shown = text_to_json(actual);
    if (shown == expected) return std::nullopt;
    if (const auto* hex = tagged(expected, "!hex")) {
        const auto octets = bytes_of_hex(path, *hex);
        if (!octets) return octets.error();
        if (wire::as_text(*octets) == actual) return std::nullopt;
    }
    return differs(path, expected, shown);
}

bool is_tagged(const json& expected) {
    return expected.is_object() && expected.size() == 1 && expected.begin().key().starts_with('!');
}

bool is_absence(const json& expected) {
    const auto* absent = tagged(expected, "!absent");
    return absent && *absent == true;
}

Mismatch match_element(Path path, const json& expected, const Element& actual);

Mismatch match_array(Path path, const json& expected, const Element& actual) {
    std::size_t position = 0;
    Mismatch found;
    for_each_element(*actual.value.as<FieldArray>(), [&](std::string_view, const Element& inner) {
        const auto at = position++;
        if (found || at >= expected.size()) return;
        found = match_element(fmt::format("{}[{}]", path, at), expected[at], inner);
    });
    if (!found && position != expected.size()) {
        return fmt::format("{}: expected {} elements, got {}", path, expected.size(), position);
    }
    return found;
}

Mismatch match_table(Path path, const json& expected, FieldTable actual) {
    const auto shown = to_json(actual, JsonForm::readable);
    if (!expected.is_object()) return differs(path, expected, shown);
    if (is_tagged(expected)) {
        const auto octets = encode_table_from_json(expected, actual.dialect());
        if (!octets) return fmt::format("{}: {}", path, octets.error());
        if (FieldTable::trusted(*octets) == actual) return std::nullopt;
        return differs(path, expected, to_json(actual));
    }
    for (const auto& [name, wanted] : expected.items()) {
        const auto inner_path = path + "." + name;
        Mismatch found =
            is_absence(wanted)
                ? std::nullopt
                : Mismatch(fmt::format(
                      "{}: expected {}, got no such name in {}", inner_path, described(wanted), described(shown)
                  ));
        bool seen = false;
        for_each_element(actual, [&](std::string_view key, const Element& element) {
            if (seen || key != name) return;
            seen = true;
            found = match_element(inner_path, wanted, element);
        });
        if (found) return found;
    }
    return std::nullopt;
}

std::optional<json> number_of(const Element& actual) {
    return std::visit(
        []<class T>(const T& value) -> std::optional<json> {
            if constexpr (std::is_same_v<T, Timestamp>) return value.seconds;
            if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) return value;
            return std::nullopt;
        },
        actual.value.variant()
    );
}

Mismatch match_element(Path path, const json& expected, const Element& actual) {
    const auto shown = element_to_json(actual, JsonForm::exact);
    if (is_absence(expected)) return fmt::format("{}: expected to be absent, got {}", path, described(shown));
    if (expected.is_number()) {
        const auto number = number_of(actual);
        return number && *number == expected ? std::nullopt : differs(path, expected, shown);
    }
    if (const auto* table = actual.value.as<FieldTable>()) return match_table(path, expected, *table);
    if (expected.is_array() && actual.value.as<FieldArray>()) return match_array(path, expected, actual);
    if (expected.is_string() || tagged(expected, "!hex")) {
        if (const auto* text = actual.value.as<LongString>()) return match_text(path, expected, text->text);
        if (const auto* text = actual.value.as<ShortText>()) return match_text(path, expected, text->text);
    }
    if (shown == expected) return std::nullopt;
    // An explicit form where the natural one would do, such as {"!I": 5}.
    if (is_tagged(expected) && tagged(expected, std::string{'!', actual.tag})) {
        return match_element(path, *expected.begin(), actual);
    }
    return differs(path, expected, shown);
}

Mismatch match_content(Path path, const json& expected, const FieldContent& actual) {
    const auto* table = std::get_if<FieldTable>(&actual);
    if (table) return match_table(path, expected, *table);
    if (const auto* text = std::get_if<ShortString>(&actual)) return match_text(path, expected, text->text());
    if (const auto* text = std::get_if<LongString>(&actual)) return match_text(path, expected, text->text);
    const auto shown = content_to_json(actual, JsonForm::exact);
    return shown == expected ? std::nullopt : differs(path, expected, shown);
}

}  // namespace

Mismatch mismatch(const Method& actual, const json& expected) {
    const std::string name(name_of(actual));
    if (!expected.is_object()) return fmt::format("{}: expected an object, not {}", name, described(expected));
    auto unseen = expected;
    Mismatch found;
    std::string known;
    for_each_field(actual, [&](const FieldRow& row, const FieldContent& content) {
        const std::string field(row.name);
        known += (known.empty() ? "" : ", ") + field;
        unseen.erase(field);
        if (!found && expected.contains(field)) found = match_content(name + "." + field, expected[field], content);
    });
    if (unseen.empty()) return found;
    return fmt::format("{} has no field '{}'; its fields: {}", name, unseen.begin().key(), known);
}

Mismatch mismatch(const BasicProperties& actual, const json& expected) {
    if (!expected.is_object()) return fmt::format("properties: expected an object, not {}", described(expected));
    for (const auto& [name, wanted] : expected.items()) {
        const auto rows = property_rows();
        if (std::ranges::find(rows, std::string_view(name), &FieldRow::name) == rows.end()) {
            return fmt::format("the basic class has no property '{}'", name);
        }
        const auto path = "properties." + name;
        const bool absence = wanted.is_null() || is_absence(wanted);
        auto found =
            absence ? std::nullopt : Mismatch(fmt::format("{}: expected {}, got none", path, described(wanted)));
        for_each_field(actual, [&](const FieldRow& row, const FieldContent& content) {
            if (row.name != name) return;
            const auto shown = content_to_json(content, JsonForm::exact);
            found = absence ? differs(path, nullptr, shown) : match_content(path, wanted, content);
        });
        if (found) return found;
    }
    return std::nullopt;
}

Mismatch mismatch(FieldTable actual, const json& expected) { return match_table("table", expected, actual); }

}  // namespace codec::amqp091
