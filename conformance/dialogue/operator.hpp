// What an operator does to a simulated broker, as acts write it:
//   shutdown | {close_connection: text} | {set_alarm: {resource: memory, state: raised}}
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "simbroker/core/input.hpp"

namespace conformance::dialogue {

std::expected<simbroker::Input, std::string> operation_from(
    const nlohmann::json& written, simbroker::ConnectionId line
);

}  // namespace conformance::dialogue
