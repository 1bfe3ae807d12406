#include "simbroker/app/faults_file.hpp"

#include <fmt/format.h>

#include "simbroker/explore/yaml.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::app {

std::expected<std::vector<std::string>, std::string> read_faults(const std::string& file) {
    const auto text = explore::text_of(file);
    if (!text) return std::unexpected(text.error());
    const auto plan = explore::json_from_yaml(*text);
    if (!plan) return std::unexpected(fmt::format("{}: {}", file, plan.error()));
    if (!plan->is_array()) return std::unexpected(fmt::format("{}: expected a list of rules", file));
    std::vector<std::string> rules;
    fault::FaultPlan together;
    for (const auto& written : *plan) {
        auto rule = fault::rule_from_json(written);
        if (!rule) return std::unexpected(fmt::format("{}: /{}{}", file, rules.size(), to_string(rule.error())));
        if (const auto added = together.add(std::move(*rule)); !added) {
            return std::unexpected(fmt::format("{}: /{}/id: {}", file, rules.size(), added.error()));
        }
        rules.push_back(written.dump());
    }
    return rules;
}

}  // namespace simbroker::app
