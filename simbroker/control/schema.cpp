#include "simbroker/control/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace simbroker::control {

namespace {

using nlohmann::json;

// A JSON pointer's token (RFC 6901).
std::string below(const std::string& pointer, std::string_view token) {
    std::string escaped;
    for (const char c : token) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return pointer + "/" + escaped;
}

bool is_of_type(const json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    return type == "null" && value.is_null();
}

bool is_of_types(const json& schema, const json& value) {
    const auto type = schema.find("type");
    if (type == schema.end()) return true;
    if (type->is_string()) return is_of_type(value, type->get_ref<const std::string&>());
    return std::ranges::any_of(*type, [&](const json& one) { return is_of_type(value, one.get<std::string>()); });
}

bool is_in_bounds(const json& schema, const json& value) {
    if (const auto choices = schema.find("enum"); choices != schema.end()) {
        return std::ranges::find(*choices, value) != choices->end();
    }
    if (value.is_string()) return value.get_ref<const std::string&>().size() >= schema.value("minLength", 0U);
    if (!value.is_number()) return true;
    const auto least = schema.find("minimum");
    const auto most = schema.find("maximum");
    return (least == schema.end() || value >= *least) && (most == schema.end() || value <= *most);
}

std::string type_in_words(std::string_view type) {
    if (type == "integer") return "a whole number";
    if (type == "boolean") return "true or false";
    if (type == "array" || type == "object") return fmt::format("an {}", type);
    return type == "null" ? "null" : fmt::format("a {}", type);
}

std::optional<Mistake> check_at(const std::string& pointer, const json& schema, const json& value);

std::optional<Mistake> check_members(const std::string& pointer, const json& schema, const json& value) {
    const auto properties = schema.value("properties", json::object());
    const bool closed = schema.value("additionalProperties", json(true)) == json(false);
    for (const auto& [name, member] : value.items()) {
        const auto property = properties.find(name);
        if (property != properties.end()) {
            if (auto mistake = check_at(below(pointer, name), *property, member)) return mistake;
        } else if (closed) {
            std::string names;
            for (const auto& [known, of] : properties.items()) names += (names.empty() ? "" : ", ") + known;
            auto expected = names.empty() ? "no field here" : "no such field; there are " + names;
            return Mistake{below(pointer, name), std::move(expected), shown(member)};
        }
    }
    for (const auto& name : schema.value("required", json::array())) {
        const auto text = name.get<std::string>();
        if (!value.contains(text)) return Mistake{below(pointer, text), expectation(properties.at(text)), "nothing"};
    }
    return {};
}

std::optional<Mistake> check_at(const std::string& pointer, const json& schema, const json& value) {
    if (!is_of_types(schema, value) || !is_in_bounds(schema, value)) {
        return Mistake{pointer, expectation(schema), shown(value)};
    }
    if (value.is_object()) return check_members(pointer, schema, value);
    const auto items = schema.find("items");
    if (!value.is_array() || items == schema.end()) return {};
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto mistake = check_at(below(pointer, std::to_string(i)), *items, value[i])) return mistake;
    }
    return {};
}

}  // namespace

std::optional<Mistake> check(const json& schema, const json& value) { return check_at("", schema, value); }

std::string expectation(const json& schema) {
    if (const auto choices = schema.find("enum"); choices != schema.end()) {
        std::string names;
        for (const auto& choice : *choices) names += (names.empty() ? "" : ", ") + choice.dump();
        return "one of " + names;
    }
    const auto type = schema.value("type", json("anything"));
    std::string text;
    if (type.is_array()) {
        for (const auto& one : type) text += (text.empty() ? "" : " or ") + type_in_words(one.get<std::string>());
    } else {
        text = type == "anything" ? "anything" : type_in_words(type.get<std::string>());
    }
    if (schema.value("minLength", 0U) > 0) text += " that is not empty";
    const auto least = schema.find("minimum");
    const auto most = schema.find("maximum");
    if (least != schema.end() && most != schema.end()) {
        return fmt::format("{} from {} to {}", text, least->dump(), most->dump());
    }
    return least == schema.end() ? text : fmt::format("{}, {} or more", text, least->dump());
}

std::string shown(const json& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "an array";
    constexpr std::size_t longest = 60;
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > longest) text = text.substr(0, longest - 3) + "...";
    return text;
}

bool is_too_deep(std::string_view text) {
    int levels = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++levels > most_levels) return true;
        } else if (c == '}' || c == ']') {
            --levels;
        }
    }
    return false;
}

json text_schema(std::string_view description) { return {{"type", "string"}, {"description", description}}; }

json choice_schema(std::string_view description, const std::vector<std::string>& names) {
    auto schema = text_schema(description);
    schema["enum"] = names;
    return schema;
}

json whole_number_schema(std::string_view description, std::uint64_t least, std::uint64_t most) {
    return {{"type", "integer"}, {"description", description}, {"minimum", least}, {"maximum", most}};
}

json object_schema(json properties, const std::vector<std::string>& required) {
    json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = required;
    return schema;
}

json array_schema(json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

}  // namespace simbroker::control
