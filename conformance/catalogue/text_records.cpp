#include "conformance/catalogue/text_records.hpp"

#include <algorithm>

#include "simbroker/yaml/yaml.hpp"

namespace conformance::catalogue {

namespace {

std::expected<TextRecord, std::string> record_from(
    const nlohmann::json& entry, std::span<const std::string_view> known
) {
    if (!entry.is_object()) return std::unexpected(fmt::format("expected a mapping of {}", fmt::join(known, ", ")));
    TextRecord record;
    for (const auto& [key, value] : entry.items()) {
        if (std::ranges::find(known, key) == known.end())
            return std::unexpected(fmt::format("unknown field '{}'; expected {}", key, fmt::join(known, ", ")));
        if (!value.is_string()) return std::unexpected(fmt::format("{}: {} is not text", key, value.dump()));
        record.fields[key] = value.get<std::string>();
    }
    return record;
}

}  // namespace

std::vector<TextRecord> read_text_records(
    const std::filesystem::path& path, std::span<const std::string_view> known, std::vector<LoadError>& errors
) {
    const auto file = path.filename().string();
    const auto documents = simbroker::yaml::documents(path, file);
    if (!documents) {
        errors.push_back(documents.error());
        return {};
    }
    std::vector<TextRecord> records;
    for (const auto& document : *documents) {
        for (const auto& node : document) {
            const auto at = simbroker::yaml::location_of(node, file);
            const auto entry = simbroker::yaml::json_of(node, file);
            if (!entry) {
                errors.push_back(entry.error());
                continue;
            }
            if (auto record = record_from(*entry, known)) {
                record->at = at;
                records.push_back(std::move(*record));
            } else {
                errors.push_back({at, record.error()});
            }
        }
    }
    return records;
}

}  // namespace conformance::catalogue
