#include "codec/amqp091/properties.hpp"

#include <array>

#include "codec/amqp091/field_codec.hpp"

namespace codec::amqp091 {
namespace {

using wire::Reader;
using wire::Writer;

constexpr std::uint16_t continuation_flag = 1;

constexpr std::uint16_t flag_of(std::size_t position) { return static_cast<std::uint16_t>(1u << (15 - position)); }

// Calls visit(flag, row) for each property in wire order.
template <class Visit>
void for_each_property(Visit&& visit) {
    std::apply(
        [&](const auto&... rows) {
            std::size_t position = 0;
            (visit(flag_of(position++), rows), ...);
        },
        BasicProperties::fields
    );
}

constexpr auto rows = std::apply(
    [](const auto&... fields) {
        return std::array<FieldRow, sizeof...(fields)>{
            FieldRow{fields.name, domain_of<typename std::decay_t<decltype(fields)>::type::value_type>(), false}...
        };
    },
    BasicProperties::fields
);

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
    Writer writer(out);
    writer.u16(header.class_id);
    writer.u16(header.weight);
    writer.u64(header.body_size);
    writer.bytes(header.property_octets);
}

std::expected<BasicProperties, DecodeError> decode_properties(BytesView property_octets, Dialect dialect) {
    Reader reader(property_octets);
    const auto flags = reader.u16("the property flags");
    BasicProperties properties;
    // A lone continuation flag is let through, as RabbitMQ does; one with a further word behind it is not.
    if ((flags & continuation_flag) && reader.remaining() > 0) {
        reader.fail(DecodeError::Kind::bad_flags, "one word of property flags: the class has 14 properties");
    }
    for_each_property([&]<class F>(std::uint16_t flag, const F& row) {
        if (flags & flag) properties.*row.member = read_field<typename F::type::value_type>(reader, dialect);
    });
    if (!reader.error() && reader.remaining() > 0) {
        reader.fail(DecodeError::Kind::trailing, "the end of the properties");
    }
    if (reader.error()) return std::unexpected(*reader.error());
    return properties;
}

void encode(const BasicProperties& properties, Bytes& out) {
    Writer writer(out);
    std::uint16_t flags = 0;
    for_each_property([&](std::uint16_t flag, const auto& row) {
        if (properties.*row.member) flags = static_cast<std::uint16_t>(flags | flag);
    });
    writer.u16(flags);
    for_each_property([&](std::uint16_t, const auto& row) {
        if (const auto& value = properties.*row.member) write_field(writer, *value);
    });
}

std::string to_string(const BasicProperties& properties) {
    std::string out = "{";
    for_each_property([&](std::uint16_t, const auto& row) {
        if (const auto& value = properties.*row.member) {
            if (out.size() > 1) out += ", ";
            out += fmt::format("{}={}", row.name, show_field(*value));
        }
    });
    return out + "}";
}

std::span<const FieldRow> property_rows() { return rows; }

}  // namespace codec::amqp091
