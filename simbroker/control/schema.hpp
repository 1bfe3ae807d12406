// Says what JSON must look like, in the part of JSON Schema that the API needs: the same value checks a request and
// stands in the OpenAPI document.
//
// Understood: type (a name or a list of names), enum, minimum, maximum, minLength, properties, required,
// additionalProperties: false, items. Everything else is for readers of the document.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace simbroker::control {

// Where a value is wrong, as a JSON pointer ("" is the whole), and what may stand there.
struct Mistake {
    std::string pointer;
    std::string expected;
    std::string got;
};

// The first thing that is wrong.
std::optional<Mistake> check(const nlohmann::json& schema, const nlohmann::json& value);

// "a whole number from 0 to 65535", "one of \"memory\", \"disk\""
std::string expectation(const nlohmann::json& schema);

// A value for an error's text: short, whatever it is.
std::string shown(const nlohmann::json& value);

// Nothing deeper is taken: what is read, checked and shown by recursion must not be a peer's to choose.
inline constexpr int most_levels = 32;
bool is_too_deep(std::string_view json);

// ---- schemas

nlohmann::json text_schema(std::string_view description);
nlohmann::json choice_schema(std::string_view description, const std::vector<std::string>& names);
nlohmann::json whole_number_schema(std::string_view description, std::uint64_t least, std::uint64_t most);
nlohmann::json object_schema(nlohmann::json properties, const std::vector<std::string>& required = {});
nlohmann::json array_schema(nlohmann::json items);

}  // namespace simbroker::control
