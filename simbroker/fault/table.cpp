#include "simbroker/fault/table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simbroker/fault/named.hpp"
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using nlohmann::json;

std::string code(std::string_view text) { return text.empty() ? std::string() : fmt::format("`{}`", text); }

// In a cell a bar has to be escaped.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
    return escaped;
}

// When a named fault acts unless told otherwise.
std::string occasion_in_words(const json& rule) {
    if (rule.contains("now")) return rule.at("now").contains("every") ? "now, and again" : "now";
    if (!rule.contains("when")) return "has to be said";
    const auto& when = rule.at("when");
    const auto what = when.contains("method") ? when.at("method") : when.contains("frame") ? when.at("frame") : json();
    auto text = what.is_string() ? fmt::format("{} to {}", what.get<std::string>(), when.at("to").get<std::string>())
                                 : fmt::format("to {}", when.at("to").get<std::string>());
    if (when.contains("times")) text += fmt::format(", {} time", when.at("times").dump());
    return text;
}

}  // namespace

std::string fault_table() {
    std::string text = "| `do` | parameters | when | what is seen |\n|---|---|---|---|\n";
    for (const auto& verb : all_verbs()) {
        text += fmt::format("| `{}` | {} | | {} |\n", verb.name, cell(code(verb.argument)), cell(verb.sees));
    }
    for (const auto& fault : named_faults()) {
        text += fmt::format(
            "| `{}` | {} | {} | {} |\n",
            fault.name,
            cell(code(parameters_in_words(fault))),
            occasion_in_words(json::parse(fault.rule)),
            cell(fault.sees)
        );
    }
    return text;
}

}  // namespace simbroker::fault
