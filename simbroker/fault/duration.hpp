// Durations as scenarios write them: "150ms", "3s", "30m", "2h", "7d".
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "simbroker/core/instant.hpp"

namespace simbroker::fault {

std::expected<Duration, std::string> duration_from_text(std::string_view text);
std::expected<Duration, std::string> duration_from_json(const nlohmann::json&);

std::string duration_to_text(Duration);  // "1.5s", "150ms"

}  // namespace simbroker::fault
