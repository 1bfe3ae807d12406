#include "conformance/dialogue/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "simbroker/yaml/yaml.hpp"

namespace conformance::dialogue {

namespace {

using catalogue::LoadError;
using nlohmann::json;

std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) return {path};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

std::expected<void, LoadError> read_acts(const YAML::Node& node, const std::string& file, Dialogue& dialogue) {
    for (const auto& entry : node["acts"]) {
        const auto at = simbroker::yaml::location_of(entry, file);
        const auto as_json = simbroker::yaml::json_of(entry, file);
        if (!as_json) return std::unexpected(as_json.error());
        auto act = act_from_json(*as_json);
        if (!act) return std::unexpected(LoadError{at, act.error()});
        dialogue.acts.push_back(std::move(*act));
    }
    return {};
}

std::expected<Dialogue, LoadError> read_dialogue(const YAML::Node& node, const std::string& file) {
    Dialogue dialogue{.at = simbroker::yaml::location_of(node, file)};
    const auto wrong = [&](std::string text) { return std::unexpected(LoadError{dialogue.at, std::move(text)}); };
    if (!node.IsMap()) return wrong("expected a dialogue: id, about, needs, config, acts");
    for (const auto& entry : node) {
        const auto key = entry.first.Scalar();
        if (key == "acts") continue;
        const auto value = simbroker::yaml::json_of(entry.second, file);
        if (!value) return std::unexpected(value.error());
        if (key == "id" && value->is_string()) {
            dialogue.id = *value;
        } else if (key == "about" && value->is_string()) {
            dialogue.about = *value;
        } else if (key == "needs" && value->is_array()) {
            for (const auto& need : *value) dialogue.needs.push_back(need.get<std::string>());
        } else if (key == "config" && value->is_object()) {
            dialogue.config = *value;
        } else {
            return wrong(fmt::format("'{}: {}' is unknown; expected id, about, needs, config, acts", key, value->dump())
            );
        }
    }
    if (dialogue.id.empty() || !node["acts"].IsSequence()) return wrong("expected an id and a list of acts");
    if (auto read = read_acts(node, file, dialogue); !read) return std::unexpected(read.error());
    return dialogue;
}

}  // namespace

std::expected<Dialogues, std::vector<LoadError>> load_dialogues(const std::filesystem::path& path) {
    Dialogues all;
    std::vector<LoadError> errors;
    std::map<std::string, catalogue::Location> seen;
    for (const auto& file : files_of(path)) {
        const auto documents = simbroker::yaml::documents(file, file.string());
        if (!documents) {
            errors.push_back(documents.error());
            continue;
        }
        for (const auto& node : *documents) {
            auto dialogue = read_dialogue(node, file.string());
            if (!dialogue) {
                errors.push_back(dialogue.error());
                continue;
            }
            const auto [before, unique] = seen.emplace(dialogue->id, dialogue->at);
            if (!unique) {
                errors.push_back(
                    {dialogue->at, fmt::format("{} is also at {}", dialogue->id, to_string(before->second))}
                );
            }
            all.push_back(std::move(*dialogue));
        }
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return all;
}

}  // namespace conformance::dialogue
