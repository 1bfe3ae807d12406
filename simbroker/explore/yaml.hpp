// YAML as JSON: what people write files in, and what the rest of the program reads.
#pragma once

#include <expected>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace simbroker::explore {

// Plain scalars that JSON would take for a number, true, false or null are that; everything else is text. An error
// names the line.
std::expected<nlohmann::json, std::string> json_from_yaml(std::string_view text);

// All of a file, or why not, with its name.
std::expected<std::string, std::string> text_of(const std::filesystem::path& file);

}  // namespace simbroker::explore
