#include "conformance/catalogue/requirements.hpp"

#include <fmt/format.h>

#include "conformance/catalogue/yaml.hpp"

namespace conformance::catalogue {

namespace {

using nlohmann::json;

constexpr std::pair<std::string_view, std::string Requirement::*> fields[] = {
    {"id", &Requirement::id},
    {"role", &Requirement::role},
    {"level", &Requirement::level},
    {"clause", &Requirement::clause},
    {"statement", &Requirement::statement},
    {"rabbitmq", &Requirement::rabbitmq},
    {"untestable", &Requirement::untestable},
};

std::expected<Requirement, std::string> requirement_from(const json& entry) {
    if (!entry.is_object()) return std::unexpected("expected a mapping with id, role, level, clause and statement");
    Requirement requirement;
    for (const auto& [key, value] : entry.items()) {
        const auto* known = std::ranges::find(fields, key, [](const auto& field) { return field.first; });
        if (known == std::end(fields)) {
            return std::unexpected(fmt::format(
                "unknown field '{}'; expected id, role, level, clause, statement, rabbitmq or untestable", key
            ));
        }
        if (!value.is_string()) return std::unexpected(fmt::format("{}: {} is not text", key, value.dump()));
        requirement.*known->second = value.get<std::string>();
    }
    if (requirement.id.empty() || requirement.statement.empty())
        return std::unexpected("id and statement are required");
    return requirement;
}

}  // namespace

std::expected<Requirements, std::vector<LoadError>> load_requirements(const std::filesystem::path& path) {
    const auto file = path.filename().string();
    const auto documents = yaml_documents(path, file);
    if (!documents) return std::unexpected(std::vector{documents.error()});
    Requirements requirements;
    std::vector<LoadError> errors;
    for (const auto& document : *documents) {
        for (const auto& node : document) {
            const auto at = location_of(node, file);
            const auto entry = json_of(node, file);
            if (!entry) {
                errors.push_back(entry.error());
                continue;
            }
            auto requirement = requirement_from(*entry);
            if (!requirement) {
                errors.push_back({at, requirement.error()});
            } else if (const auto id = requirement->id; !requirements.try_emplace(id, std::move(*requirement)).second) {
                errors.push_back({at, fmt::format("the id '{}' is given twice", id)});
            }
        }
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return requirements;
}

}  // namespace conformance::catalogue
