#include "codec/amqp091/json.hpp"

#include <algorithm>

#include "codec/amqp091/field_codec.hpp"
#include "codec/amqp091/json_value.hpp"

namespace codec::amqp091 {
namespace {

using nlohmann::json;
using wire::Writer;
using Encoded = std::expected<Bytes, std::string>;

std::string names_of(std::span<const FieldRow> rows) {
    std::string out;
    for (const auto& row : rows) out += (out.empty() ? "" : ", ") + std::string(row.name);
    return out.empty() ? "none" : out;
}

Outcome check_names(std::string_view owner, const json& fields, std::span<const FieldRow> rows) {
    if (!fields.is_object()) {
        return std::unexpected(fmt::format("{}: expected an object of fields, got {}", owner, described(fields)));
    }
    for (const auto& [name, value] : fields.items()) {
        if (std::ranges::find(rows, std::string_view(name), &FieldRow::name) == rows.end()) {
            return std::unexpected(fmt::format("{} has no field '{}'; its fields: {}", owner, name, names_of(rows)));
        }
    }
    return {};
}

const json& zero_of(Domain domain) {
    static const json text = "";
    static const json table = json::object();
    static const json bit = false;
    static const json number = 0;
    switch (domain) {
        case Domain::shortstr:
        case Domain::longstr: return text;
        case Domain::table: return table;
        case Domain::bit: return bit;
        case Domain::octet:
        case Domain::short_:
        case Domain::long_:
        case Domain::longlong:
        case Domain::timestamp: return number;
    }
    return number;
}

Outcome write_bit(BitCollector& bits, Writer& writer, Path path, const json& value) {
    if (!value.is_boolean()) {
        return std::unexpected(fmt::format("{}: expected true or false, got {}", path, described(value)));
    }
    bits.next(value.get<bool>(), [&](Octet octet) { writer.u8(octet); });
    return {};
}

}  // namespace

json fields_to_json(const Method& method, JsonForm form) {
    auto fields = json::object();
    for_each_field(method, [&](const FieldRow& row, const FieldContent& content) {
        fields[std::string(row.name)] = content_to_json(content, form);
    });
    return fields;
}

json to_json(const Method& method, JsonForm form) {
    return {{std::string(name_of(method)), fields_to_json(method, form)}};
}

json to_json(const BasicProperties& properties, JsonForm form) {
    auto object = json::object();
    for_each_field(properties, [&](const FieldRow& row, const FieldContent& content) {
        object[std::string(row.name)] = content_to_json(content, form);
    });
    return object;
}

Encoded encode_method_from_json(std::string_view name, const json& fields, Dialect dialect) {
    const auto* method = find_method(name);
    if (!method) return std::unexpected(fmt::format("'{}' is no method of AMQP 0-9-1, such as basic.get-ok", name));
    if (auto known = check_names(name, fields, method->fields); !known) return std::unexpected(known.error());
    Bytes out;
    Writer writer(out);
    writer.u16(method->id.class_id);
    writer.u16(method->id.method_id);
    BitCollector bits;
    const auto put = [&](Octet octet) { writer.u8(octet); };
    for (const auto& row : method->fields) {
        const auto given = fields.find(std::string(row.name));
        const auto& value = given == fields.end() ? zero_of(row.domain) : *given;
        const auto path = fmt::format("{}.{}", name, row.name);
        Outcome written;
        if (row.domain == Domain::bit) {
            written = write_bit(bits, writer, path, value);
        } else {
            bits.end_run(put);
            written = write_field_from_json(writer, path, row.domain, value, dialect);
        }
        if (!written) return std::unexpected(written.error());
    }
    bits.end_run(put);
    return out;
}

Encoded encode_properties_from_json(const json& properties, Dialect dialect) {
    if (auto known = check_names("properties", properties, property_rows()); !known) {
        return std::unexpected(known.error());
    }
    Bytes out(2);
    Writer writer(out);
    std::uint16_t flags = 0;
    std::uint16_t flag = 1u << 15;
    for (const auto& row : property_rows()) {
        const auto given = properties.find(std::string(row.name));
        if (given != properties.end() && !given->is_null()) {
            const auto path = fmt::format("properties.{}", row.name);
            const auto written = write_field_from_json(writer, path, row.domain, *given, dialect);
            if (!written) return std::unexpected(written.error());
            flags = static_cast<std::uint16_t>(flags | flag);
        }
        flag = static_cast<std::uint16_t>(flag >> 1);
    }
    writer.put_u8(0, static_cast<std::uint8_t>(flags >> 8));
    writer.put_u8(1, static_cast<std::uint8_t>(flags & 0xff));
    return out;
}

Encoded encode_table_from_json(const json& table, Dialect dialect) {
    Bytes out;
    Writer writer(out);
    const auto written = write_table_from_json(writer, "table", table, dialect);
    if (!written) return std::unexpected(written.error());
    out.erase(out.begin(), out.begin() + sizeof(std::uint32_t));
    return out;
}

}  // namespace codec::amqp091
