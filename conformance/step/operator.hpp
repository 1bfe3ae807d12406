// What an operator does to a broker, as scenarios and dialogues write it:
//   shutdown | crash | start | {close_connection: text} | {set_alarm: {resource: memory, state: raised}}
//   | any operation of simbroker/core/operation.hpp
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "simbroker/core/input.hpp"

namespace conformance::step {

// Of close_connection the connection is the caller's to fill in.
std::expected<simbroker::Input, std::string> operator_input(const nlohmann::json& written);

}  // namespace conformance::step
