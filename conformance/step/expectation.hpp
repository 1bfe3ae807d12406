// What a step expects of one item, as scenarios write it, against the item that came.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "conformance/peer/item.hpp"

namespace conformance::step {

// What is wrong with an expectation, whatever comes; nothing: it is well formed.
std::optional<std::string> expectation_error(const nlohmann::json& expectation);

// The method it is about; empty: a heartbeat or a protocol header.
std::string method_of(const nlohmann::json& expectation);

// Which channel it is about unless the step says so: 0 for connection.*, heartbeats and protocol headers.
bool is_about_the_connection(const nlohmann::json& expectation);

// What came instead, and how it differs; nothing: it is what was expected.
std::optional<std::string> difference(const peer::Item& item, const nlohmann::json& expectation);

std::string describe(const nlohmann::json& expectation);

// A part of the item by its name: a field of the method, `properties`, `properties.headers.x`, `body`.
std::optional<nlohmann::json> part_of(const peer::Item& item, std::string_view path);

}  // namespace conformance::step
