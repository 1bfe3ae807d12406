// $name and $(name) in the texts of a scenario, $$ for a dollar. A text that is nothing but a variable takes its type.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace conformance::step {

class Variables {
public:
    explicit Variables(nlohmann::json values = nlohmann::json::object()) : values_(std::move(values)) {}

    void set(const std::string& name, nlohmann::json value) { values_[name] = std::move(value); }
    // For names that are there anyway: what a scenario calls the same goes before it.
    void set_built_in(const std::string& name, nlohmann::json value) { built_in_[name] = std::move(value); }

    // In values and in keys. The error names the variable and those there are.
    std::expected<nlohmann::json, std::string> substitute(const nlohmann::json&) const;

    // The same, but what is not known yet stays as it stands.
    nlohmann::json substitute_known(const nlohmann::json&) const;

private:
    const nlohmann::json* find(std::string_view name) const;

    nlohmann::json values_;
    nlohmann::json built_in_ = nlohmann::json::object();
};

// The names of the variables in all the texts.
std::set<std::string> variables_in(const nlohmann::json&);

// Without the members and elements whose value is not known before the scenario runs: what the loader can check.
nlohmann::json without_variables(const nlohmann::json&);

}  // namespace conformance::step
