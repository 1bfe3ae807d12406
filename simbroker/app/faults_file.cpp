#include "simbroker/app/faults_file.hpp"

#include <fmt/format.h>

#include "simbroker/fault/fault_plan.hpp"
#include "simbroker/yaml/yaml.hpp"

namespace simbroker::app {

std::expected<std::vector<std::string>, std::string> read_faults(const std::string& file) {
    const auto plan = yaml::json_of_file(file);
    if (!plan) return std::unexpected(to_string(plan.error()));
    if (!plan->is_array()) return std::unexpected(fmt::format("{}: expected a list of rules", file));
    std::vector<std::string> rules;
    fault::FaultPlan together;
    for (const auto& written : *plan) {
        auto rule = fault::rule_from_json(written);
        if (!rule) {
            const auto wrong = to_string(rule.error());
            const auto* about_the_rule = wrong.starts_with('/') ? "" : ": ";
            return std::unexpected(fmt::format("{}: /{}{}{}", file, rules.size(), about_the_rule, wrong));
        }
        if (const auto added = together.add(std::move(*rule)); !added) {
            return std::unexpected(fmt::format("{}: /{}/id: {}", file, rules.size(), added.error()));
        }
        rules.push_back(written.dump());
    }
    return rules;
}

}  // namespace simbroker::app
