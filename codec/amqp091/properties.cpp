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

DecodeError content_header_mistake(BytesView payload) {
    Reader reader(payload);
    reader.u16("the class-id of a content header");
    reader.u16("the weight of a content header");
    reader.u64("the body size of a content header");
    return *reader.error();
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
    for_each_flagged(flags, [&]<class F> [[gnu::always_inline]] (const F& row) {
        (properties.*row.member).emplace(read_field<typename F::type::value_type>(reader, dialect));
    });
    if (reader.remaining() > 0) reader.fail(DecodeError::Kind::trailing, "the end of the properties");
    if (reader.error()) [[unlikely]]
        result = std::unexpected(*reader.error());
    return result;
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
