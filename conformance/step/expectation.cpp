#include "conformance/step/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/amqp091/json.hpp"
#include "conformance/step/json_path.hpp"
#include "conformance/step/variables.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::step {

namespace {

using codec::wire::as_text;
using codec::wire::Bytes;
using nlohmann::json;

const json& fields_of(const json& expectation, const std::string& method) {
    static const auto none = json::object();
    if (expectation.is_string()) return none;
    const auto& fields = expectation.at(method);
    return fields.is_null() ? none : fields;
}

std::string names_of(std::span<const codec::amqp091::FieldRow> rows) {
    std::string names;
    for (const auto& row : rows) {
        if (!row.reserved) names += (names.empty() ? "" : ", ") + std::string(row.name);
    }
    return names.empty() ? "none" : names;
}

std::optional<std::string> unknown_field(
    const json& fields, std::span<const codec::amqp091::FieldRow> rows, std::string_view owner
) {
    if (!fields.is_object()) return fmt::format("{}: expected a mapping of fields, got {}", owner, fields.dump());
    for (const auto& [key, value] : fields.items()) {
        if (!variables_in(key).empty()) continue;
        const auto found =
            std::ranges::find_if(rows, [&](const auto& row) { return row.name == key && !row.reserved; });
        if (found == rows.end()) return fmt::format("{} has no field '{}'; its fields: {}", owner, key, names_of(rows));
    }
    return {};
}

bool is_protocol_header(const json& expectation) {
    return expectation.is_object() && expectation.size() == 1 && expectation.contains("protocol_header");
}

std::optional<std::string> protocol_header_error(const json& numbers) {
    const auto octet = [](const json& number) {
        return number.is_number_unsigned() && number.get<std::uint64_t>() < 256;
    };
    if (numbers.is_array() && numbers.size() == 4 && std::ranges::all_of(numbers, octet)) return {};
    return "protocol_header: expected the four octets after AMQP, such as [0, 0, 9, 1], got " + numbers.dump();
}

std::optional<std::string> body_error(const json& body) {
    if (body.is_object() && body.size() == 1 && body.contains("size")) {
        if (body.at("size").is_number_unsigned()) return {};
        return "body: size: expected a number of octets, got " + body.at("size").dump();
    }
    if (!variables_in(body).empty()) return {};
    const auto octets = simbroker::fault::octets_from_json(body);
    return octets ? std::nullopt : std::optional("body: " + octets.error());
}

std::optional<std::string> body_difference(const Bytes& body, const json& expected) {
    if (expected.is_object() && expected.contains("size")) {
        const auto size = expected.at("size").get<std::size_t>();
        if (body.size() == size) return {};
        return fmt::format("body: expected {} octets, got {}", size, body.size());
    }
    if (expected.is_string()) {
        const auto& text = expected.get_ref<const std::string&>();
        if (text.size() > 1 && text.starts_with('/') && text.ends_with('/')) {
            codec::amqp091::FieldTableBuilder table;
            table.add("body", codec::amqp091::LongString{as_text(body)});
            return codec::amqp091::mismatch(table.view(), json{{"body", expected}});
        }
    }
    const auto octets = simbroker::fault::octets_from_json(expected);
    if (!octets) return "body: " + octets.error();
    if (*octets == body) return {};
    const auto differs = std::ranges::mismatch(*octets, body).in1 - octets->begin();
    return fmt::format(
        "body: expected {}, got {} (they differ at octet {})",
        peer::describe_octets(*octets),
        peer::describe_octets(body),
        differs
    );
}

std::optional<std::string> content_difference(const peer::Item& item, const json& expectation) {
    if (!expectation.is_object()) return {};
    if (expectation.contains("properties")) {
        const auto properties = codec::amqp091::decode_properties(item.content->property_octets);
        if (!properties) return "properties that cannot be read: " + to_string(properties.error());
        if (auto differs = codec::amqp091::mismatch(*properties, expectation.at("properties"))) return differs;
    }
    if (expectation.contains("body")) return body_difference(item.content->body, expectation.at("body"));
    return {};
}

}  // namespace

std::optional<std::string> expectation_error(const json& expectation) {
    if (expectation == "heartbeat") return {};
    if (is_protocol_header(expectation)) return protocol_header_error(expectation.at("protocol_header"));
    const auto method = simbroker::fault::method_of_message(expectation);
    if (!method) return method.error();
    if (!variables_in(*method).empty()) return {};
    const auto* row = codec::amqp091::find_method(*method);
    if (row == nullptr) return fmt::format("'{}' is no method of AMQP 0-9-1", *method);
    if (auto unknown = unknown_field(fields_of(expectation, *method), row->fields, *method)) return unknown;
    if (!expectation.is_object()) return {};
    if (expectation.contains("channel"))
        return "the channel of an expectation is the step's: channel: 2 beside expect:";
    const bool content = expectation.contains("properties") || expectation.contains("body");
    if (content && row->carries != codec::amqp091::Carries::content) {
        return fmt::format("{} carries no content, so it has no properties and no body", *method);
    }
    if (expectation.contains("properties")) {
        const auto unknown = unknown_field(expectation.at("properties"), codec::amqp091::property_rows(), "basic");
        if (unknown) return "properties: " + *unknown;
    }
    return expectation.contains("body") ? body_error(expectation.at("body")) : std::nullopt;
}

std::string method_of(const json& expectation) {
    if (expectation == "heartbeat" || is_protocol_header(expectation)) return {};
    return simbroker::fault::method_of_message(expectation).value_or("");
}

bool is_about_the_connection(const json& expectation) {
    const auto method = method_of(expectation);
    return method.empty() || method.starts_with("connection.");
}

std::optional<std::string> difference(const peer::Item& item, const json& expectation) {
    const auto other = [&] { return peer::describe(item); };
    if (expectation == "heartbeat") {
        return item.kind == peer::Item::Kind::heartbeat ? std::nullopt : std::optional(other());
    }
    if (is_protocol_header(expectation)) {
        Bytes wanted{'A', 'M', 'Q', 'P'};
        for (const auto& number : expectation.at("protocol_header")) wanted.push_back(number.get<codec::wire::Byte>());
        const bool same = item.kind == peer::Item::Kind::protocol_header && *item.payload == wanted;
        return same ? std::nullopt : std::optional(other());
    }
    const auto method = method_of(expectation);
    if (!item.is(method)) return other();
    auto differs = codec::amqp091::mismatch(*item.method, fields_of(expectation, method));
    if (!differs && item.content) differs = content_difference(item, expectation);
    if (!differs) return {};
    return other() + ": " + *differs;
}

std::string describe(const json& expectation) {
    if (expectation.is_string()) return expectation.get<std::string>();
    const auto method = method_of(expectation);
    if (method.empty()) return expectation.dump();
    std::string text = method;
    if (const auto& fields = fields_of(expectation, method); !fields.empty()) text += " " + fields.dump();
    for (const auto* key : {"properties", "body"}) {
        if (expectation.contains(key)) text += fmt::format(" {}: {}", key, expectation.at(key).dump());
    }
    return text;
}

std::optional<json> part_of(const peer::Item& item, std::string_view path) {
    if (!item.method) return {};
    json whole = codec::amqp091::fields_to_json(*item.method, codec::amqp091::JsonForm::readable);
    if (item.content) {
        const auto properties = codec::amqp091::decode_properties(item.content->property_octets);
        if (properties) whole["properties"] = to_json(*properties, codec::amqp091::JsonForm::readable);
        whole["body"] = text_or_hex(item.content->body);
    }
    return member(whole, path);
}

}  // namespace conformance::step
