#include "conformance/shim/rabbitmq-c/values.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace shim {

namespace {

std::string octets_of(const std::string& hex) {
    std::string octets;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        octets += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
    return octets;
}

std::string hex_of(const std::string& octets) {
    constexpr auto digits = "0123456789abcdef";
    std::string hex;
    for (const char one : octets) {
        hex += digits[static_cast<unsigned char>(one) >> 4];
        hex += digits[static_cast<unsigned char>(one) & 15];
    }
    return hex;
}

// The JSON library refuses to print what is no UTF-8.
bool is_text(const std::string& octets) {
    return json(octets).dump(-1, ' ', false, json::error_handler_t::ignore) ==
           json(octets).dump(-1, ' ', false, json::error_handler_t::replace);
}

struct TextProperty {
    const char* name;
    amqp_flags_t flag;
    amqp_bytes_t amqp_basic_properties_t::* field;
};

constexpr std::array<TextProperty, 10> text_properties{{
    {"content_type", AMQP_BASIC_CONTENT_TYPE_FLAG, &amqp_basic_properties_t::content_type},
    {"content_encoding", AMQP_BASIC_CONTENT_ENCODING_FLAG, &amqp_basic_properties_t::content_encoding},
    {"correlation_id", AMQP_BASIC_CORRELATION_ID_FLAG, &amqp_basic_properties_t::correlation_id},
    {"reply_to", AMQP_BASIC_REPLY_TO_FLAG, &amqp_basic_properties_t::reply_to},
    {"expiration", AMQP_BASIC_EXPIRATION_FLAG, &amqp_basic_properties_t::expiration},
    {"message_id", AMQP_BASIC_MESSAGE_ID_FLAG, &amqp_basic_properties_t::message_id},
    {"type", AMQP_BASIC_TYPE_FLAG, &amqp_basic_properties_t::type},
    {"user_id", AMQP_BASIC_USER_ID_FLAG, &amqp_basic_properties_t::user_id},
    {"app_id", AMQP_BASIC_APP_ID_FLAG, &amqp_basic_properties_t::app_id},
    {"cluster_id", AMQP_BASIC_CLUSTER_ID_FLAG, &amqp_basic_properties_t::cluster_id},
}};

json value_to_json(const amqp_field_value_t& field) {
    switch (field.kind) {
        case AMQP_FIELD_KIND_BOOLEAN: return field.value.boolean != 0;
        case AMQP_FIELD_KIND_I8: return field.value.i8;
        case AMQP_FIELD_KIND_U8: return field.value.u8;
        case AMQP_FIELD_KIND_I16: return field.value.i16;
        case AMQP_FIELD_KIND_U16: return field.value.u16;
        case AMQP_FIELD_KIND_I32: return field.value.i32;
        case AMQP_FIELD_KIND_U32: return field.value.u32;
        case AMQP_FIELD_KIND_I64: return field.value.i64;
        case AMQP_FIELD_KIND_U64: return field.value.u64;
        case AMQP_FIELD_KIND_F32: return field.value.f32;
        case AMQP_FIELD_KIND_F64: return field.value.f64;
        case AMQP_FIELD_KIND_DECIMAL: return {{"!D", {field.value.decimal.decimals, field.value.decimal.value}}};
        case AMQP_FIELD_KIND_TIMESTAMP: return {{"!T", field.value.u64}};
        case AMQP_FIELD_KIND_UTF8: return text_of(field.value.bytes);
        case AMQP_FIELD_KIND_BYTES: return {{"!x", hex_of(text_of(field.value.bytes))}};
        case AMQP_FIELD_KIND_TABLE: return table_to_json(field.value.table);
        case AMQP_FIELD_KIND_ARRAY: {
            auto items = json::array();
            for (int at = 0; at < field.value.array.num_entries; ++at)
                items.push_back(value_to_json(field.value.array.entries[at]));
            return items;
        }
        default: return nullptr;
    }
}

}  // namespace

amqp_bytes_t Pool::bytes(const std::string& text) {
    amqp_bytes_t copy{text.size(), items<char>(text.size())};
    std::memcpy(copy.bytes, text.data(), text.size());
    return copy;
}

amqp_bytes_t Pool::body(const json& body) {
    return bytes(body.is_object() ? octets_of(body.at("hex")) : body.is_string() ? body.get<std::string>() : "");
}

amqp_table_t Pool::table(const json& fields) {
    amqp_table_t table{0, items<amqp_table_entry_t>(fields.size())};
    for (const auto& [name, item] : fields.items()) table.entries[table.num_entries++] = {bytes(name), value(item)};
    return table;
}

amqp_field_value_t Pool::value(const json& value) {
    amqp_field_value_t field{};
    field.kind = AMQP_FIELD_KIND_VOID;
    if (value.is_boolean()) {
        field.kind = AMQP_FIELD_KIND_BOOLEAN;
        field.value.boolean = value.get<bool>();
    } else if (value.is_number_float()) {
        field.kind = AMQP_FIELD_KIND_F64;
        field.value.f64 = value.get<double>();
    } else if (value.is_number()) {
        const auto number = value.get<std::int64_t>();
        const bool fits = number == static_cast<std::int32_t>(number);
        field.kind = fits ? AMQP_FIELD_KIND_I32 : AMQP_FIELD_KIND_I64;
        if (fits)
            field.value.i32 = static_cast<std::int32_t>(number);
        else
            field.value.i64 = number;
    } else if (value.is_string()) {
        field.kind = AMQP_FIELD_KIND_UTF8;
        field.value.bytes = bytes(value.get<std::string>());
    } else if (value.is_array()) {
        field.kind = AMQP_FIELD_KIND_ARRAY;
        field.value.array = {0, items<amqp_field_value_t>(value.size())};
        for (const auto& item : value) field.value.array.entries[field.value.array.num_entries++] = this->value(item);
    } else if (value.is_object()) {
        if (value.size() == 1 && value.begin().key().starts_with('!'))
            return tagged(value.begin().key().substr(1), value.begin().value());
        field.kind = AMQP_FIELD_KIND_TABLE;
        field.value.table = table(value);
    }
    return field;
}

amqp_field_value_t Pool::tagged(const std::string& tag, const json& value) {
    amqp_field_value_t field{};
    field.kind = static_cast<std::uint8_t>(tag.at(0));
    switch (tag[0]) {
        case 'x': field.value.bytes = bytes(octets_of(value)); break;
        case 'T': field.value.u64 = value.get<std::uint64_t>(); break;
        case 'D': field.value.decimal = {value.at(0).get<std::uint8_t>(), value.at(1).get<std::uint32_t>()}; break;
        case 'b': field.value.i8 = value.get<std::int8_t>(); break;
        case 'B': field.value.u8 = value.get<std::uint8_t>(); break;
        case 's': field.value.i16 = value.get<std::int16_t>(); break;
        case 'u': field.value.u16 = value.get<std::uint16_t>(); break;
        case 'i': field.value.u32 = value.get<std::uint32_t>(); break;
        case 'f': field.value.f32 = value.get<float>(); break;
        default: throw Unsupported("the shim does not map !" + tag);
    }
    return field;
}

amqp_basic_properties_t properties_from_json(Pool& pool, const json& given) {
    amqp_basic_properties_t properties{};
    for (const auto& [name, flag, field] : text_properties) {
        if (!given.contains(name)) continue;
        properties._flags |= flag;
        properties.*field = pool.bytes(given.at(name).get<std::string>());
    }
    if (given.contains("headers")) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = pool.table(given.at("headers"));
    }
    if (given.contains("delivery_mode")) {
        properties._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
        properties.delivery_mode = given.at("delivery_mode").get<std::uint8_t>();
    }
    if (given.contains("priority")) {
        properties._flags |= AMQP_BASIC_PRIORITY_FLAG;
        properties.priority = given.at("priority").get<std::uint8_t>();
    }
    if (given.contains("timestamp")) {
        properties._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
        properties.timestamp = given.at("timestamp").get<std::uint64_t>();
    }
    return properties;
}

json content_to_json(const amqp_basic_properties_t& properties, amqp_bytes_t body) {
    auto present = json::object();
    for (const auto& [name, flag, field] : text_properties) {
        if (properties._flags & flag) present[name] = text_of(properties.*field);
    }
    if (properties._flags & AMQP_BASIC_HEADERS_FLAG) present["headers"] = table_to_json(properties.headers);
    if (properties._flags & AMQP_BASIC_DELIVERY_MODE_FLAG) present["delivery_mode"] = properties.delivery_mode;
    if (properties._flags & AMQP_BASIC_PRIORITY_FLAG) present["priority"] = properties.priority;
    if (properties._flags & AMQP_BASIC_TIMESTAMP_FLAG) present["timestamp"] = properties.timestamp;
    const auto octets = text_of(body);
    const auto shown = is_text(octets) ? json(octets) : json{{"hex", hex_of(octets)}};
    return {{"properties", std::move(present)}, {"body", shown}};
}

json table_to_json(const amqp_table_t& table) {
    auto fields = json::object();
    for (int at = 0; at < table.num_entries; ++at)
        fields[text_of(table.entries[at].key)] = value_to_json(table.entries[at].value);
    return fields;
}

}  // namespace shim
