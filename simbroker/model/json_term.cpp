#include "simbroker/model/json_term.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace simbroker::model {
namespace {

using nlohmann::json;

std::string binary(const std::string& text) {
    std::string quoted;
    for (const char c : text) quoted += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
    return fmt::format("<<\"{}\">>", quoted);
}

}  // namespace

std::string json_term(const json& value) {
    if (value.is_string()) return binary(value.get<std::string>());
    if (!value.is_structured()) return value.dump();
    std::string inside;
    for (const auto& [key, element] : value.items()) {
        const auto comma = inside.empty() ? "" : ",";
        inside += value.is_array() ? fmt::format("{}{}", comma, json_term(element))
                                   : fmt::format("{}{} => {}", comma, binary(key), json_term(element));
    }
    return value.is_array() ? "[" + inside + "]" : "#{" + inside + "}";
}

std::string json_properties(const json& object) {
    std::string inside;
    for (const auto& [key, value] : object.items()) {
        inside += fmt::format("{}{{{},{}}}", inside.empty() ? "" : ",", binary(key), json_term(value));
    }
    return "[" + inside + "]";
}

}  // namespace simbroker::model
