// Methods, properties and field tables as JSON and back: what scenarios, reports, the HTTP API and Python read and
// write.
//
//   field of a method     a number, true/false, text, an object for a table
//   value in a table      true/false -> t   integer -> I, or the 64-bit signed tag if it needs more   1.5 -> d
//                         "text" -> S   null -> V   [..] -> A   {..} -> F
//                         {"!tag": value} for every other: {"!s": 5} {"!T": 1000} {"!x": "00ff"} {"!D": [2, 314]}
//   a table whose names   {"!F": [["name", value], ...]}; as an argument of a method as well. JSON objects are sorted,
//     are unsorted or     so this is how a table keeps its order
//     repeated
//   text that is no UTF-8 {"!hex": "fffe"}: the octets of the string
//   anything at all       {"!raw": "0005"}: the octets as they shall stand on the wire, size prefix included,
//   unchecked;
//                         {"!Z": {"!raw": ".."}}: a value with a tag that may not exist
//
// A tag is a letter of the dialect in use. An object with a name that begins with '!' is one of these forms or an
// error.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "codec/amqp091/codec.hpp"

namespace codec::amqp091 {

// `exact` encodes to the octets it came from. `readable` gives that up for tables whose names are unsorted or
// repeated: they become plain objects, in which the first of a repeated name stays.
enum class JsonForm : std::uint8_t { exact, readable };

nlohmann::json to_json(const Method&, JsonForm form = JsonForm::exact);  // {"basic.ack": {"delivery_tag": 1, ...}}
nlohmann::json fields_to_json(const Method&, JsonForm form = JsonForm::exact);    // {"delivery_tag": 1, ...}
nlohmann::json to_json(const BasicProperties&, JsonForm form = JsonForm::exact);  // the properties that are present
nlohmann::json to_json(FieldTable, JsonForm form = JsonForm::exact);

// The payload of a method frame. What is missing is zero or empty. Reserved fields may be given too. An error is a
// sentence that names the field and what it may be.
std::expected<Bytes, std::string> encode_method_from_json(
    std::string_view name, const nlohmann::json& fields, Dialect dialect = Dialect::rabbitmq
);

// Property flags and list: the `property_octets` of a content header. A property that is null is absent.
std::expected<Bytes, std::string> encode_properties_from_json(
    const nlohmann::json& properties, Dialect dialect = Dialect::rabbitmq
);

// The octets of a table without their size.
std::expected<Bytes, std::string> encode_table_from_json(
    const nlohmann::json& table, Dialect dialect = Dialect::rabbitmq
);

// How `actual` differs from what is expected, as a sentence, or nothing. Only the fields that `expected` names are
// compared; of a table, only the names it names. A number matches any integer, float or timestamp of that value,
// a tagged value only its own tag. Text between slashes, "/.../", is an ECMAScript regular expression for the whole
// string. {"!absent": true} matches a name that is not there, and so does null for a property.
std::optional<std::string> mismatch(const Method& actual, const nlohmann::json& expected);
std::optional<std::string> mismatch(const BasicProperties& actual, const nlohmann::json& expected);
std::optional<std::string> mismatch(FieldTable actual, const nlohmann::json& expected);

}  // namespace codec::amqp091
