#include "conformance/catalogue/scenario.hpp"

#include <utility>

namespace conformance::catalogue {

namespace {

constexpr std::pair<Level, std::string_view> levels[] = {
    {Level::must, "MUST"},
    {Level::should, "SHOULD"},
    {Level::may, "MAY"},
    {Level::extension, "EXTENSION"},
    {Level::robust, "ROBUST"},
};

}  // namespace

std::string_view to_string(Role role) {
    switch (role) {
        case Role::broker: return "broker";
        case Role::client: return "client";
    }
    return "";
}

std::string_view to_string(Level level) {
    for (const auto& [value, name] : levels) {
        if (value == level) return name;
    }
    return "";
}

std::optional<Role> role_from(std::string_view text) {
    if (text == "broker") return Role::broker;
    if (text == "client") return Role::client;
    return {};
}

std::optional<Level> level_from(std::string_view text) {
    for (const auto& [value, name] : levels) {
        if (name == text) return value;
    }
    return {};
}

std::string without_case(const std::string& id) { return id.substr(0, id.find('[')); }

}  // namespace conformance::catalogue
