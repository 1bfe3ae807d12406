#include "conformance/runner/deviation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/catalogue/closest.hpp"
#include "conformance/catalogue/loader.hpp"
#include "simbroker/yaml/yaml.hpp"

namespace conformance::runner {

namespace {

using catalogue::LoadError;
using catalogue::Scenario;
using nlohmann::json;

constexpr std::pair<std::string_view, std::string Deviation::*> fields[] = {
    {"scenario", &Deviation::scenario},
    {"reason", &Deviation::reason},
    {"link", &Deviation::link},
    {"message", &Deviation::message},
    {"wire", &Deviation::wire},
};

std::expected<Deviation, std::string> deviation_from(const json& entry) {
    if (!entry.is_object()) return std::unexpected("expected a mapping with scenario, reason, link and message");
    Deviation deviation;
    for (const auto& [key, value] : entry.items()) {
        const auto* known = std::ranges::find(fields, key, [](const auto& field) { return field.first; });
        if (known == std::end(fields)) {
            return std::unexpected(
                fmt::format("unknown field '{}'; expected scenario, reason, link, message or wire", key)
            );
        }
        if (!value.is_string()) return std::unexpected(fmt::format("{}: {} is not text", key, value.dump()));
        deviation.*known->second = value.get<std::string>();
    }
    for (const auto& [name, member] : fields) {
        const bool optional = name == "wire";
        if ((deviation.*member).empty() && !optional)
            return std::unexpected(fmt::format("the field '{}' is missing", name));
    }
    if (!deviation.wire.empty() && !wire_mode_from(deviation.wire)) {
        return std::unexpected(
            fmt::format("wire: expected one of {}, got {}", fmt::join(wire_modes(), ", "), deviation.wire)
        );
    }
    return deviation;
}

bool is_about(const Deviation& deviation, const Scenario& scenario) {
    return deviation.scenario == scenario.id || catalogue::matches_glob(deviation.scenario, scenario.id);
}

}  // namespace

std::expected<std::vector<Deviation>, std::vector<LoadError>> load_deviations(const std::filesystem::path& path) {
    const auto file = path.filename().string();
    const auto documents = simbroker::yaml::documents(path, file);
    if (!documents) return std::unexpected(std::vector{documents.error()});
    std::vector<Deviation> deviations;
    std::vector<LoadError> errors;
    for (const auto& document : *documents) {
        for (const auto& node : document) {
            const auto at = simbroker::yaml::location_of(node, file);
            const auto entry = simbroker::yaml::json_of(node, file);
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

std::vector<LoadError> idle_deviations(
    const std::vector<Deviation>& deviations, std::span<const catalogue::Scenario> all
) {
    std::vector<std::string> ids;
    for (const auto& scenario : all) ids.push_back(scenario.id);
    std::vector<LoadError> errors;
    for (auto entry = deviations.begin(); entry != deviations.end(); ++entry) {
        const auto about = [&](const Scenario& scenario) { return is_about(*entry, scenario); };
        if (std::ranges::none_of(all, about)) {
            const auto meant = catalogue::did_you_mean(entry->scenario, ids);
            errors.push_back({entry->at, fmt::format("no scenario has the id '{}'{}", entry->scenario, meant)});
            continue;
        }
        const auto taken = [&](const Scenario& scenario) {
            return !about(scenario) || std::any_of(deviations.begin(), entry, [&](const Deviation& earlier) {
                return earlier.at.file == entry->at.file && earlier.wire == entry->wire && is_about(earlier, scenario);
            });
        };
        if (std::ranges::all_of(all, taken))
            errors.push_back({entry->at, fmt::format("earlier entries are about all of '{}'", entry->scenario)});
    }
    return errors;
}

std::vector<Deviation> deviations_of(const std::vector<Deviation>& all, WireMode mode) {
    std::vector<Deviation> some;
    std::ranges::copy_if(all, std::back_inserter(some), [&](const Deviation& deviation) {
        if (deviation.wire.empty()) return mode != WireMode::cut_each_step;
        return deviation.wire == to_string(mode);
    });
    return some;
}

void apply_deviations(Result& result, const std::vector<Deviation>& deviations) {
    const auto found = std::ranges::find_if(deviations, [&](const Deviation& deviation) {
        return is_about(deviation, *result.scenario);
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

void judge(Result& result, const std::vector<Deviation>& deviations, Standard standard) {
    apply_deviations(result, deviations);
    const auto level = result.scenario->level;
    const bool advice = level == catalogue::Level::should || level == catalogue::Level::may;
    if (result.verdict == Verdict::fail && advice && standard == Standard::usual) result.verdict = Verdict::warning;
    if (result.verdict == Verdict::expected_failure && standard == Standard::strict) result.verdict = Verdict::fail;
}

}  // namespace conformance::runner
