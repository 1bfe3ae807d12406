// YAML as JSON, with the line everything stands on. Plain scalars become typed (5, 1.5, true, null), quoted ones stay
// text; a repeated key is an error, which yaml-cpp would let pass.
#pragma once

#include <yaml-cpp/yaml.h>

#include <expected>
#include <filesystem>
#include <istream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "simbroker/yaml/location.hpp"

namespace simbroker::yaml {

// The documents of a file, or of a text. `file` is what errors call it.
std::expected<std::vector<YAML::Node>, LoadError> documents(const std::filesystem::path& path, const std::string& file);
std::expected<std::vector<YAML::Node>, LoadError> documents_of(std::istream& text, const std::string& file);

std::expected<nlohmann::json, LoadError> json_of(const YAML::Node&, const std::string& file);

// Of a file, or a text, that is one document; nothing in it is null.
std::expected<nlohmann::json, LoadError> json_of_file(const std::filesystem::path& path);
std::expected<nlohmann::json, LoadError> json_of_text(std::string_view text, const std::string& file);

Location location_of(const YAML::Node&, const std::string& file);

}  // namespace simbroker::yaml
