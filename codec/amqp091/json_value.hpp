// The parts that json.cpp (methods and properties) and json_match.cpp (comparison) share. Internal to codec/.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <utility>

#include "codec/amqp091/json.hpp"
#include "codec/wire/writer.hpp"

namespace codec::amqp091 {

// Success, or a sentence that says which value is wrong and what it may be.
using Outcome = std::expected<void, std::string>;

// Where in the JSON we are, as people write it: arguments.x-death[0].count
using Path = const std::string&;

nlohmann::json text_to_json(std::string_view text);  // the text, or {"!hex": ..} if it is no UTF-8
nlohmann::json content_to_json(const FieldContent&, JsonForm);

// One value of a table with the tag and the octets behind it as they stood on the wire.
struct Element {
    char tag{};
    BytesView octets;
    FieldValue value;
    Dialect dialect{};
};
using ElementVisitor = std::function<void(std::string_view name, const Element&)>;

void for_each_element(FieldTable, const ElementVisitor&);
void for_each_element(FieldArray, const ElementVisitor&);  // the name is empty

nlohmann::json element_to_json(const Element&, JsonForm);

// The value of {"!raw": "<hex>"} and the like: `json` is an object with just that name.
const nlohmann::json* tagged(const nlohmann::json& json, std::string_view name);
// What `json` is, for an error text: its kind and its beginning.
std::string described(const nlohmann::json& json);

std::expected<Bytes, std::string> bytes_of_hex(Path path, const nlohmann::json& hex);
std::expected<Bytes, std::string> bytes_of_text(Path path, const nlohmann::json& text);  // "text" or {"!hex": ..}

template <class Integer>
std::expected<Integer, std::string> integer_from_json(Path path, const nlohmann::json& json) {
    if (json.is_number_unsigned() && std::in_range<Integer>(json.get<std::uint64_t>())) return json.get<Integer>();
    if (json.is_number_integer() && !json.is_number_unsigned() && std::in_range<Integer>(json.get<std::int64_t>())) {
        return json.get<Integer>();
    }
    return std::unexpected(fmt::format(
        "{}: expected an integer from {} to {}, got {}",
        path,
        std::numeric_limits<Integer>::min(),
        std::numeric_limits<Integer>::max(),
        described(json)
    ));
}

Outcome write_table_from_json(wire::Writer&, Path path, const nlohmann::json& table, Dialect dialect);
Outcome write_field_from_json(wire::Writer&, Path path, Domain domain, const nlohmann::json& json, Dialect dialect);

}  // namespace codec::amqp091
