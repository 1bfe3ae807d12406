#include "simbroker/fault/notation.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "codec/amqp091/json.hpp"
#include "codec/wire/writer.hpp"

namespace simbroker::fault {

namespace {

using codec::amqp091::ChannelNumber;
using codec::amqp091::Octet;
using codec::wire::as_bytes;
using codec::wire::Bytes;
using nlohmann::json;

std::unexpected<std::string> wrong(std::string text) { return std::unexpected(std::move(text)); }

void append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

std::optional<unsigned> hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
    if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
    return {};
}

Octets octets_of_hex(const json& value) {
    if (!value.is_string()) return wrong(fmt::format("hex: {} is not text in quotes", value.dump()));
    Bytes octets;
    std::optional<unsigned> high;
    for (const char c : value.get_ref<const std::string&>()) {
        if (c == ' ') continue;
        const auto digit = hex_digit(c);
        if (!digit) return wrong(fmt::format("hex: '{}' is not a hexadecimal digit in {}", c, value.dump()));
        if (high) octets.push_back(static_cast<Octet>(*high << 4 | *digit));
        high = high ? std::nullopt : digit;
    }
    if (high) return wrong(fmt::format("hex: an odd number of digits in {}", value.dump()));
    return octets;
}

Octets concatenated(const json& list) {
    if (!list.is_array()) return wrong("concat: expected a list of octets");
    Bytes all;
    for (const auto& part : list) {
        auto octets = octets_from_json(part);
        if (!octets) return octets;
        append(all, *octets);
    }
    return all;
}

template <class Integer>
std::expected<std::optional<Integer>, std::string> optional_integer(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    if (!found->is_number_unsigned() || found->get<std::uint64_t>() > std::numeric_limits<Integer>::max()) {
        return wrong(fmt::format(
            "{}: {} is not an integer from 0 to {}", key, found->dump(), std::numeric_limits<Integer>::max()
        ));
    }
    return found->get<Integer>();
}

std::optional<std::string> unknown_key(const json& object, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : object.items()) {
        if (std::ranges::find(known, key) == known.end()) {
            return fmt::format("unknown key '{}'; expected {}", key, fmt::join(known, ", "));
        }
    }
    return {};
}

// A field table that holds nothing but a field table, and so on, with its size in front: from the inside out, written
// backwards.
Octets nested_table(const json& depth) {
    constexpr std::uint64_t most = 1U << 20;
    if (!depth.is_number_unsigned() || depth.get<std::uint64_t>() > most) {
        return wrong(fmt::format("nested_table: {} is not a number of levels from 0 to {}", depth.dump(), most));
    }
    Bytes backwards;
    const auto add_size = [&backwards](std::size_t size) {
        for (int shift = 0; shift < 32; shift += 8) backwards.push_back(static_cast<Octet>(size >> shift));
    };
    add_size(0);
    for (auto level = depth.get<std::uint64_t>(); level > 0; --level) {
        for (const char c : {'F', 'a', '\1'}) backwards.push_back(static_cast<Octet>(c));  // a field named a
        add_size(backwards.size());
    }
    return Bytes(backwards.rbegin(), backwards.rend());
}

// "tx.select" or {"tx.select": {fields}}
Octets method_payload(const json& method) {
    if (method.is_string()) {
        return codec::amqp091::encode_method_from_json(method.get_ref<const std::string&>(), json::object());
    }
    if (!method.is_object() || method.size() != 1) {
        return wrong(fmt::format("expected a method as \"tx.select\" or {{basic.ack: {{...}}}}, got {}", method.dump())
        );
    }
    const auto fields = method.begin().value().is_null() ? json::object() : method.begin().value();
    return codec::amqp091::encode_method_from_json(method.begin().key(), fields);
}

bool is_connection_method(std::string_view name) { return name.starts_with("connection."); }

std::string method_name(const json& method) {
    if (method.is_string()) return method.get<std::string>();
    return method.is_object() && method.size() == 1 ? method.begin().key() : std::string();
}

Octets header_payload(const json& header) {
    if (!header.is_object()) return wrong("header: expected a mapping");
    if (auto unknown = unknown_key(header, {"class_id", "weight", "body_size", "properties"})) return wrong(*unknown);
    const auto class_id = optional_integer<std::uint16_t>(header, "class_id");
    if (!class_id) return wrong(class_id.error());
    const auto weight = optional_integer<std::uint16_t>(header, "weight");
    if (!weight) return wrong(weight.error());
    const auto body_size = optional_integer<std::uint64_t>(header, "body_size");
    if (!body_size) return wrong(body_size.error());
    const auto properties = header.value("properties", json::object());
    // {"hex": ..}: flags and list as they shall stand there, right or not.
    const auto list = properties.contains("hex") ? octets_from_json(properties)
                                                 : codec::amqp091::encode_properties_from_json(properties);
    if (!list) return wrong(list.error());
    Bytes payload;
    codec::wire::Writer writer(payload);
    writer.u16(class_id->value_or(codec::amqp091::basic_class_id));
    writer.u16(weight->value_or(0));
    writer.u64(body_size->value_or(0));
    writer.bytes(*list);
    return payload;
}

struct Contents {
    Octet type;
    ChannelNumber channel;
    Bytes payload;
};

std::expected<Contents, std::string> contents_of(const json& frame, ChannelNumber default_channel) {
    using namespace codec::amqp091;
    const auto with = [](Octet type, ChannelNumber channel, Octets payload) -> std::expected<Contents, std::string> {
        if (!payload) return wrong(payload.error());
        return Contents{type, channel, std::move(*payload)};
    };
    if (const auto method = frame.find("method"); method != frame.end()) {
        const auto channel = is_connection_method(method_name(*method)) ? connection_channel : default_channel;
        return with(frame_type::method, channel, method_payload(*method));
    }
    if (const auto header = frame.find("header"); header != frame.end()) {
        return with(frame_type::header, default_channel, header_payload(*header));
    }
    if (const auto body = frame.find("body"); body != frame.end()) {
        return with(frame_type::body, default_channel, octets_from_json(*body));
    }
    if (frame.contains("heartbeat")) return with(frame_type::heartbeat, connection_channel, Bytes{});
    if (!frame.contains("type")) {
        return wrong("expected a frame: method, header, body, heartbeat, or type with payload");
    }
    return with(0, default_channel, octets_from_json(frame.value("payload", json(""))));
}

}  // namespace

std::string pattern(std::size_t size) {
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
    return text;
}

Octets octets_from_json(const json& value) {
    if (value.is_string()) {
        const auto octets = as_bytes(value.get_ref<const std::string&>());
        return Bytes(octets.begin(), octets.end());
    }
    if (value.is_object() && value.size() == 1) {
        const auto first = value.begin();
        const auto& key = first.key();
        const auto& argument = first.value();
        if (key == "hex") return octets_of_hex(argument);
        if (key == "concat") return concatenated(argument);
        if (key == "nested_table") return nested_table(argument);
        if (key == "pattern" && argument.is_number_unsigned() && argument.get<std::uint64_t>() <= 256U << 20) {
            const auto text = pattern(argument.get<std::size_t>());
            return Bytes(text.begin(), text.end());
        }
    }
    return wrong(fmt::format(
        "expected octets as \"text\", {{hex: \"00ff\"}}, {{pattern: 5000}}, {{nested_table: 100}} or {{concat: "
        "[...]}}, got {}",
        value.dump()
    ));
}

std::expected<std::string, std::string> method_of_message(const json& message) {
    if (message.is_string()) return message.get<std::string>();
    if (!message.is_object()) {
        return wrong(fmt::format("expected a method as \"tx.select\" or {{basic.ack: {{...}}}}, got {}", message.dump())
        );
    }
    std::string method;
    for (const auto& [key, value] : message.items()) {
        if (key == "properties" || key == "body" || key == "channel") continue;
        if (!method.empty())
            return wrong(fmt::format("'{}' and '{}' stand side by side; expected one method", method, key));
        method = key;
    }
    if (method.empty()) return wrong("expected a method such as {basic.ack: {delivery_tag: 1}}");
    return method;
}

Octets message_from_json(const json& message, const NotationDefaults& defaults) {
    const auto name = method_of_message(message);
    if (!name) return wrong(name.error());
    if (message.is_string()) return message_from_json(json{{*name, json::object()}}, defaults);
    const auto* row = codec::amqp091::find_method(*name);
    const auto payload = method_payload(json{{*name, message.at(*name)}});
    if (!payload) return payload;
    const auto given = optional_integer<std::uint16_t>(message, "channel");
    if (!given) return wrong(given.error());
    auto channel = is_connection_method(*name) ? codec::amqp091::connection_channel : defaults.channel;
    if (*given) channel = ChannelNumber{**given};

    Bytes out;
    codec::amqp091::append_frame(out, {codec::amqp091::frame_type::method, channel, *payload});
    if (row == nullptr || row->carries != codec::amqp091::Carries::content) {
        if (message.contains("properties") || message.contains("body")) {
            return wrong(fmt::format("{} carries no content, so it takes no properties and no body", *name));
        }
        return out;
    }
    const auto properties = codec::amqp091::encode_properties_from_json(message.value("properties", json::object()));
    if (!properties) return wrong(properties.error());
    const auto body = octets_from_json(message.value("body", json("")));
    if (!body) return wrong("body: " + body.error());
    codec::amqp091::append_content(out, channel, *properties, *body, defaults.frame_max);
    return out;
}

Octets frame_from_json(const json& frame, const NotationDefaults& defaults) {
    if (!frame.is_object()) return wrong("expected a frame such as {method: tx.select}");
    if (auto unknown = unknown_key(
            frame, {"method", "header", "body", "heartbeat", "type", "payload", "channel", "size", "end"}
        )) {
        return wrong(*unknown);
    }
    const auto channel = optional_integer<std::uint16_t>(frame, "channel");
    if (!channel) return wrong(channel.error());
    const auto type = optional_integer<Octet>(frame, "type");
    if (!type) return wrong(type.error());
    const auto size = optional_integer<std::uint32_t>(frame, "size");
    if (!size) return wrong(size.error());
    const auto end = optional_integer<Octet>(frame, "end");
    if (!end) return wrong(end.error());
    auto contents = contents_of(frame, defaults.channel);
    if (!contents) return wrong(contents.error());

    Bytes out;
    codec::wire::Writer writer(out);
    writer.u8(type->value_or(contents->type));
    writer.u16(channel->value_or(contents->channel.value));
    writer.u32(size->value_or(static_cast<std::uint32_t>(contents->payload.size())));
    writer.bytes(contents->payload);
    writer.u8(end->value_or(codec::amqp091::frame_end));
    return out;
}

Octets script_from_json(const json& list, const NotationDefaults& defaults) {
    if (!list.is_array()) return wrong(fmt::format("expected a list of frames, got {}", list.dump()));
    Bytes all;
    for (const auto& entry : list) {
        const auto only = entry.is_object() && entry.size() == 1 ? entry.begin().key() : std::string();
        auto octets = only == "frame"   ? frame_from_json(entry.at("frame"), defaults)
                      : only == "bytes" ? octets_from_json(entry.at("bytes"))
                                        : message_from_json(entry, defaults);
        if (!octets) return octets;
        append(all, *octets);
    }
    return all;
}

}  // namespace simbroker::fault
