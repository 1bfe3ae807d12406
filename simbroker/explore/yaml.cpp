#include "simbroker/explore/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>
#include <regex>

namespace simbroker::explore {

namespace {

using nlohmann::json;

// An alias may stand for what it stands in, or for more and more of the like.
struct Bounds {
    int levels = 100;
    int nodes = 100'000;
};

json json_of(const YAML::Node& node, Bounds& left);

json json_of_one(const YAML::Node& node, Bounds& left) {
    static const std::regex json_word("true|false|null|-?(0|[1-9][0-9]{0,17})(\\.[0-9]+)?");
    switch (node.Type()) {
        case YAML::NodeType::Scalar: {
            const auto& text = node.Scalar();
            return node.Tag() == "?" && std::regex_match(text, json_word) ? json::parse(text) : json(text);
        }
        case YAML::NodeType::Sequence: {
            auto list = json::array();
            for (const auto& element : node) list.push_back(json_of(element, left));
            return list;
        }
        case YAML::NodeType::Map: {
            auto object = json::object();
            for (const auto& entry : node) object[entry.first.as<std::string>()] = json_of(entry.second, left);
            return object;
        }
        case YAML::NodeType::Undefined:
        case YAML::NodeType::Null: break;
    }
    return nullptr;
}

json json_of(const YAML::Node& node, Bounds& left) {
    if (left.levels == 0 || left.nodes == 0) {
        throw YAML::Exception(node.Mark(), "expected at most 100 levels and 100,000 values, aliases included");
    }
    --left.nodes;
    --left.levels;
    auto converted = json_of_one(node, left);
    ++left.levels;
    return converted;
}

}  // namespace

std::expected<json, std::string> json_from_yaml(std::string_view text) {
    try {
        Bounds bounds;
        return json_of(YAML::Load(std::string(text)), bounds);
    } catch (const YAML::Exception& problem) {
        return std::unexpected(fmt::format("line {}: {}", problem.mark.line + 1, problem.msg));
    }
}

std::expected<std::string, std::string> text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::unexpected(fmt::format("{}: cannot be read", file.string()));
    return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace simbroker::explore
