#include "codec/amqp091/properties.hpp"

#include <array>

#include "codec/amqp091/field_codec.hpp"

namespace codec::amqp091 {
namespace {

using wire::Reader;

constexpr std::uint16_t continuation_flag = 1;

constexpr auto rows = std::apply(
    [](const auto&... fields) {
        return std::array<FieldRow, sizeof...(fields)>{
            FieldRow{fields.name, domain_of<typename std::decay_t<decltype(fields)>::type::value_type>(), false}...
        };
    },
    BasicProperties::fields
);

// `std::in_place` alone would fill 300 octets with zeros first, which takes longer than decoding a few properties.
struct Absent {
    operator BasicProperties() const {
        BasicProperties properties;
        return properties;
    }
};

}  // namespace

std::expected<ContentHeader, DecodeError> decode_content_header(BytesView payload) {
    Reader reader(payload);
    ContentHeader header;
    header.class_id = reader.u16("the class-id of a content header");
    header.weight = reader.u16("the weight of a content header");
    header.body_size = reader.u64("the body size of a content header");
    header.property_octets = reader.rest();
    if (reader.error()) return std::unexpected(*reader.error());
    return header;
}

void encode(const ContentHeader& header, Bytes& out) {
    auto* at = wire::append_room(out, content_header_size + header.property_octets.size());
    wire::put_bytes(put_content_header(at, header), header.property_octets);
}

std::expected<BasicProperties, DecodeError> decode_properties(BytesView property_octets, Dialect dialect) {
    Reader reader(property_octets);
    std::expected<BasicProperties, DecodeError> result(std::in_place, Absent{});
    auto& properties = *result;
    const auto flags = reader.u16("the property flags");
    // A lone continuation flag is let through, as RabbitMQ does; one with a further word behind it is not.
    if ((flags & continuation_flag) && reader.remaining() > 0) {
        reader.fail(DecodeError::Kind::bad_flags, "one word of property flags: the class has 14 properties");
    }
    for_each_property([&]<class F> [[gnu::always_inline]] (std::uint16_t flag, const F& row) {
        if (flags & flag) (properties.*row.member).emplace(read_field<typename F::type::value_type>(reader, dialect));
    });
    if (reader.remaining() > 0) reader.fail(DecodeError::Kind::trailing, "the end of the properties");
    if (reader.error()) [[unlikely]]
        result = std::unexpected(*reader.error());
    return result;
}

EncodedProperties measure(const BasicProperties& properties) {
    EncodedProperties measured{.size = sizeof measured.flags, .flags = 0};
    for_each_property([&] [[gnu::always_inline]] (std::uint16_t flag, const auto& row) {
        if (const auto& value = properties.*row.member) {
            measured.flags = static_cast<std::uint16_t>(measured.flags | flag);
            measured.size += field_size(*value);
        }
    });
    return measured;
}

Byte* put_properties(Byte* at, const BasicProperties& properties, std::uint16_t flags) {
    at = wire::put(at, flags);
    for_each_property([&] [[gnu::always_inline]] (std::uint16_t flag, const auto& row) {
        if (flags & flag) at = put_field(at, *(properties.*row.member));
    });
    return at;
}

void encode(const BasicProperties& properties, Bytes& out) {
    const auto measured = measure(properties);
    put_properties(wire::append_room(out, measured.size), properties, measured.flags);
}

void for_each_field(const BasicProperties& properties, const FieldVisitor& visitor) {
    std::size_t position = 0;
    for_each_property([&](std::uint16_t, const auto& field) {
        const auto& row = rows[position++];
        if (const auto& value = properties.*field.member) visitor(row, FieldContent(*value));
    });
}

std::string to_string(const BasicProperties& properties) {
    std::string out = "{";
    for_each_field(properties, [&](const FieldRow& row, const FieldContent& content) {
        if (out.size() > 1) out += ", ";
        out += fmt::format("{}={}", row.name, show_field(content));
    });
    return out + "}";
}

std::span<const FieldRow> property_rows() { return rows; }

}  // namespace codec::amqp091
