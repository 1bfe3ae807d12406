// A member of a JSON value by its dotted path; a list takes an index: headers.x-death.0.count
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "codec/wire/bytes.hpp"

namespace conformance::step {

std::optional<nlohmann::json> member(const nlohmann::json& whole, std::string_view path);

// Octets as the shim contract has them: text if they are UTF-8, else {"hex": ".."}.
nlohmann::json text_or_hex(codec::wire::BytesView octets);

// How `actual` differs from what is expected, which names only what it is about: objects member by member, all else
// by equality; {"size": n} is about the length of a text that is a body; text between slashes is a regular expression.
std::optional<std::string> json_difference(const nlohmann::json& actual, const nlohmann::json& expected);

}  // namespace conformance::step
