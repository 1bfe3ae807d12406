#include "conformance/step/variables.hpp"

#include <fmt/format.h>

#include <functional>
#include <optional>

namespace conformance::step {

namespace {

using nlohmann::json;

// A reference in a text: [begin, end) and the name; an empty name stands for "$$".
struct Reference {
    std::size_t begin;
    std::size_t end;
    std::string_view name;
};

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

std::optional<Reference> next_reference(std::string_view text, std::size_t from) {
    for (auto at = text.find('$', from); at != std::string_view::npos; at = text.find('$', at + 1)) {
        const auto rest = text.substr(at + 1);
        if (rest.starts_with('$')) return Reference{at, at + 2, {}};
        const bool in_parentheses = rest.starts_with('(');
        const auto first = at + (in_parentheses ? 2 : 1);
        auto end = first;
        while (end < text.size() && in_name(text[end])) ++end;
        if (end == first || !starts_name(text[first])) continue;
        const auto name = text.substr(first, end - first);
        if (!in_parentheses) return Reference{at, end, name};
        if (end < text.size() && text[end] == ')') return Reference{at, end + 1, name};
    }
    return {};
}

// What stands for a name; nothing: it stays as it is.
using Lookup = std::function<const json*(std::string_view name)>;

json replace_in_text(const std::string& text, const Lookup& lookup) {
    std::string result;
    std::size_t from = 0;
    for (auto reference = next_reference(text, 0); reference; reference = next_reference(text, from)) {
        result += text.substr(from, reference->begin - from);
        from = reference->end;
        const auto* value = reference->name.empty() ? nullptr : lookup(reference->name);
        if (reference->name.empty()) {
            result += '$';
        } else if (value == nullptr) {
            result += text.substr(reference->begin, reference->end - reference->begin);
        } else if (reference->begin == 0 && reference->end == text.size()) {
            return *value;
        } else {
            result += value->is_string() ? value->get<std::string>() : value->dump();
        }
    }
    return result + text.substr(from);
}

json replace(const json& value, const Lookup& lookup) {
    if (value.is_string()) return replace_in_text(value.get_ref<const std::string&>(), lookup);
    if (value.is_array()) {
        auto list = json::array();
        for (const auto& entry : value) list.push_back(replace(entry, lookup));
        return list;
    }
    if (value.is_object()) {
        auto object = json::object();
        for (const auto& [key, entry] : value.items()) {
            const auto name = replace_in_text(key, lookup);
            object[name.is_string() ? name.get<std::string>() : name.dump()] = replace(entry, lookup);
        }
        return object;
    }
    return value;
}

}  // namespace

std::expected<json, std::string> Variables::substitute(const json& value) const {
    for (const auto& name : variables_in(value)) {
        if (find(name) != nullptr) continue;
        std::string known;
        for (const auto* values : {&values_, &built_in_}) {
            for (const auto& [other, ignored] : values->items()) known += " $" + other;
        }
        return std::unexpected(fmt::format("no variable ${}; there are{}", name, known));
    }
    return substitute_known(value);
}

json Variables::substitute_known(const json& value) const {
    return replace(value, [this](std::string_view name) { return find(name); });
}

const json* Variables::find(std::string_view name) const {
    for (const auto* values : {&values_, &built_in_}) {
        if (const auto found = values->find(name); found != values->end()) return &*found;
    }
    return nullptr;
}

std::set<std::string> variables_in(const json& value) {
    std::set<std::string> names;
    replace(value, [&](std::string_view name) -> const json* {
        names.emplace(name);
        return nullptr;
    });
    return names;
}

json without_variables(const json& value) {
    if (value.is_array()) {
        auto list = json::array();
        for (const auto& entry : value) {
            if (!entry.is_string() || variables_in(entry).empty()) list.push_back(without_variables(entry));
        }
        return list;
    }
    if (value.is_object()) {
        auto object = json::object();
        for (const auto& [key, entry] : value.items()) {
            if (entry.is_string() && !variables_in(entry).empty()) continue;
            if (variables_in(key).empty()) object[key] = without_variables(entry);
        }
        return object;
    }
    return value;
}

}  // namespace conformance::step
