#include "conformance/runner/deviation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/catalogue/loader.hpp"
#include "conformance/catalogue/yaml.hpp"

namespace conformance::runner {

namespace {

using catalogue::LoadError;
using nlohmann::json;

constexpr std::pair<std::string_view, std::string Deviation::*> fields[] = {
    {"scenario", &Deviation::scenario},
    {"reason", &Deviation::reason},
    {"link", &Deviation::link},
    {"message", &Deviation::message},
};

std::expected<Deviation, std::string> deviation_from(const json& entry) {
    if (!entry.is_object()) return std::unexpected("expected a mapping with scenario, reason, link and message");
    Deviation deviation;
    for (const auto& [key, value] : entry.items()) {
        const auto* known = std::ranges::find(fields, key, [](const auto& field) { return field.first; });
        if (known == std::end(fields)) {
            return std::unexpected(fmt::format("unknown field '{}'; expected scenario, reason, link or message", key));
        }
        if (!value.is_string()) return std::unexpected(fmt::format("{}: {} is not text", key, value.dump()));
        deviation.*known->second = value.get<std::string>();
    }
    for (const auto& [name, member] : fields) {
        if ((deviation.*member).empty()) return std::unexpected(fmt::format("the field '{}' is missing", name));
    }
    return deviation;
}

}  // namespace

std::expected<std::vector<Deviation>, std::vector<LoadError>> load_deviations(const std::filesystem::path& path) {
    const auto file = path.filename().string();
    const auto documents = catalogue::yaml_documents(path, file);
    if (!documents) return std::unexpected(std::vector{documents.error()});
    std::vector<Deviation> deviations;
    std::vector<LoadError> errors;
    for (const auto& document : *documents) {
        for (const auto& node : document) {
            const auto at = catalogue::location_of(node, file);
            const auto entry = catalogue::json_of(node, file);
            if (!entry) {
                errors.push_back(entry.error());
                continue;
            }
            auto deviation = deviation_from(*entry);
            if (!deviation) {
                errors.push_back({at, deviation.error()});
                continue;
            }
            deviation->at = at;
            deviations.push_back(std::move(*deviation));
        }
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return deviations;
}

std::vector<std::filesystem::path> deviation_files(
    const std::filesystem::path& folder, const std::string& product, const std::string& version
) {
    std::string name = product;
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    std::vector<std::filesystem::path> files;
    for (auto shortened = version;; shortened.resize(shortened.rfind('.'))) {
        files.push_back(folder / (name + "-" + shortened + ".yaml"));
        if (shortened.find('.') == std::string::npos) break;
    }
    files.push_back(folder / (name + ".yaml"));
    std::erase_if(files, [](const auto& file) { return !std::filesystem::exists(file); });
    return files;
}

void apply_deviations(Result& result, const std::vector<Deviation>& deviations) {
    const auto found = std::ranges::find_if(deviations, [&](const Deviation& deviation) {
        return deviation.scenario == result.scenario->id ||
               catalogue::matches_glob(deviation.scenario, result.scenario->id);
    });
    if (found == deviations.end()) return;
    if (result.verdict == Verdict::pass) {
        result.verdict = Verdict::unexpected_pass;
        result.at = found->at;
        result.message = fmt::format("passed, but {} foretells: {}", to_string(found->at), found->reason);
    } else if (result.verdict == Verdict::fail && result.message.find(found->message) != std::string::npos) {
        result.verdict = Verdict::expected_failure;
        result.reason = found->reason;
        result.link = found->link;
    } else if (result.verdict == Verdict::fail) {
        result.message += fmt::format("; {} foretells another failure: {}", to_string(found->at), found->message);
    }
}

}  // namespace conformance::runner
