#include "codec/amqp091/field_table.hpp"

#include <bit>
#include <limits>

#include "codec/amqp091/field_tags.hpp"

namespace codec::amqp091 {
namespace {

using wire::as_text;
using wire::Reader;
using wire::Writer;
using Kind = DecodeError::Kind;

template <std::size_t Index = 0>
FieldValue read_alternative(Reader& reader, std::size_t alternative, Dialect dialect);

}  // namespace

FieldValue read_value(Reader& reader, Dialect dialect) {
    const auto at = reader.offset();
    const auto tag = reader.u8("the tag of a field value");
    const auto* row = find_tag(tag, dialect);
    if (!row) {
        reader.fail({Kind::unknown_tag, at, "a field-value tag of the dialect"});
        return Void{};
    }
    return read_alternative(reader, row->alternative, dialect);
}

namespace {

BytesView read_sized(Reader& reader, std::string_view what) {
    const auto size = reader.u32("a 32-bit size");
    return reader.take(size, what);
}

// Reads the value only one level deep: nested tables and arrays come as views.
template <class T>
T read_as(Reader& reader, Dialect dialect) {
    if constexpr (std::is_same_v<T, bool>) {
        return reader.u8("a boolean octet") != 0;
    } else if constexpr (std::is_same_v<T, float>) {
        return std::bit_cast<float>(reader.u32("a float"));
    } else if constexpr (std::is_same_v<T, double>) {
        return std::bit_cast<double>(reader.u64("a double"));
    } else if constexpr (std::is_integral_v<T>) {
        if constexpr (sizeof(T) == 1) return static_cast<T>(reader.u8());
        if constexpr (sizeof(T) == 2) return static_cast<T>(reader.u16());
        if constexpr (sizeof(T) == 4) return static_cast<T>(reader.u32());
        if constexpr (sizeof(T) == 8) return static_cast<T>(reader.u64());
    } else if constexpr (std::is_same_v<T, Decimal>) {
        const auto scale = reader.u8("the scale of a decimal");
        return {scale, static_cast<std::int32_t>(reader.u32("the value of a decimal"))};
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return {reader.u64("a timestamp")};
    } else if constexpr (std::is_same_v<T, LongString>) {
        return {as_text(read_sized(reader, "the octets of a long string"))};
    } else if constexpr (std::is_same_v<T, ShortText>) {
        const auto size = reader.u8("the length of a short string");
        return {as_text(reader.take(size, "the octets of a short string"))};
    } else if constexpr (std::is_same_v<T, ByteArray>) {
        return {read_sized(reader, "the octets of a byte array")};
    } else if constexpr (std::is_same_v<T, FieldArray>) {
        return FieldArray::trusted(read_sized(reader, "the octets of an array"), dialect);
    } else if constexpr (std::is_same_v<T, FieldTable>) {
        return FieldTable::trusted(read_sized(reader, "the octets of a table"), dialect);
    } else {
        static_assert(std::is_same_v<T, Void>);
        return {};
    }
}

template <std::size_t Index>
FieldValue read_alternative(Reader& reader, std::size_t alternative, Dialect dialect) {
    if constexpr (Index < std::variant_size_v<FieldVariant>) {
        if (alternative != Index) return read_alternative<Index + 1>(reader, alternative, dialect);
        return FieldValue(read_as<std::variant_alternative_t<Index, FieldVariant>>(reader, dialect));
    } else {
        return Void{};
    }
}

template <class T>
void write_as(Writer& writer, const T& value, Dialect dialect) {
    if constexpr (std::is_same_v<T, bool>) {
        writer.u8(value ? 1 : 0);
    } else if constexpr (std::is_same_v<T, float>) {
        writer.u32(std::bit_cast<std::uint32_t>(value));
    } else if constexpr (std::is_same_v<T, double>) {
        writer.u64(std::bit_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
        if constexpr (sizeof(T) == 1) writer.u8(static_cast<std::uint8_t>(value));
        if constexpr (sizeof(T) == 2) writer.u16(static_cast<std::uint16_t>(value));
        if constexpr (sizeof(T) == 4) writer.u32(static_cast<std::uint32_t>(value));
        if constexpr (sizeof(T) == 8) writer.u64(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Decimal>) {
        writer.u8(value.scale);
        writer.u32(static_cast<std::uint32_t>(value.value));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        writer.u64(value.seconds);
    } else if constexpr (std::is_same_v<T, LongString>) {
        writer.u32(static_cast<std::uint32_t>(value.text.size()));
        writer.bytes(wire::as_bytes(value.text));
    } else if constexpr (std::is_same_v<T, ShortText>) {
        assert(value.text.size() <= ShortString::max_size);
        writer.u8(static_cast<std::uint8_t>(value.text.size()));
        writer.bytes(wire::as_bytes(value.text));
    } else if constexpr (std::is_same_v<T, ByteArray>) {
        writer.u32(static_cast<std::uint32_t>(value.octets.size()));
        writer.bytes(value.octets);
    } else if constexpr (std::is_same_v<T, FieldArray>) {
        const auto length = writer.reserve_length();
        for (const auto& element : value) write_value(writer, element, dialect);
        writer.fill_length(length);
    } else if constexpr (std::is_same_v<T, FieldTable>) {
        const auto length = writer.reserve_length();
        for (const auto& [name, element] : value) {
            writer.u8(static_cast<std::uint8_t>(name.size()));
            writer.bytes(wire::as_bytes(name));
            write_value(writer, element, dialect);
        }
        writer.fill_length(length);
    }
}

}  // namespace

void write_value(Writer& writer, const FieldValue& value, Dialect dialect) {
    const auto tag = tag_of(value, dialect);
    assert(tag && "the dialect has no tag for this value");
    writer.u8(static_cast<std::uint8_t>(*tag));
    std::visit([&](const auto& alternative) { write_as(writer, alternative, dialect); }, value.variant());
}

std::optional<FieldValue> FieldTable::find(std::string_view name) const {
    for (const auto& [key, value] : *this) {
        if (key == name) return value;
    }
    return std::nullopt;
}

FieldTable::Iterator::value_type FieldTable::Iterator::operator*() const {
    Reader reader(rest_);
    const auto size = reader.u8();
    const auto name = as_text(reader.take(size, ""));
    return {name, read_value(reader, dialect_)};
}

FieldTable::Iterator& FieldTable::Iterator::operator++() {
    Reader reader(rest_);
    reader.take(reader.u8(), "");
    read_value(reader, dialect_);
    rest_ = reader.rest();
    return *this;
}

FieldValue FieldArray::Iterator::operator*() const {
    Reader reader(rest_);
    return read_value(reader, dialect_);
}

FieldArray::Iterator& FieldArray::Iterator::operator++() {
    Reader reader(rest_);
    read_value(reader, dialect_);
    rest_ = reader.rest();
    return *this;
}

std::optional<std::int64_t> FieldValue::as_integer() const {
    return std::visit(
        [](const auto& value) -> std::optional<std::int64_t> {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
                if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) return std::nullopt;
                return static_cast<std::int64_t>(value);
            } else {
                return std::nullopt;
            }
        },
        variant()
    );
}

std::string_view rabbitmq_type_name(const FieldValue& value) {
    for (const auto& row : tag_rows) {
        if (row.alternative == value.index()) return row.rabbitmq_name;
    }
    return "void";
}

std::optional<char> tag_of(const FieldValue& value, Dialect dialect) {
    for (const auto& row : tag_rows) {
        if (row.alternative == value.index() && letter(row, dialect) != ' ') return letter(row, dialect);
    }
    return std::nullopt;
}

std::optional<std::size_t> alternative_of(char tag, Dialect dialect) {
    const auto* row = find_tag(static_cast<std::uint8_t>(tag), dialect);
    if (!row) return std::nullopt;
    return row->alternative;
}

FieldArrayBuilder& FieldArrayBuilder::add(const FieldValue& value) {
    Writer writer(octets_);
    write_value(writer, value, dialect_);
    return *this;
}

FieldTableBuilder& FieldTableBuilder::add(std::string_view name, const FieldValue& value) {
    assert(name.size() <= ShortString::max_size);
    Writer writer(octets_);
    writer.u8(static_cast<std::uint8_t>(name.size()));
    writer.bytes(wire::as_bytes(name));
    write_value(writer, value, dialect_);
    return *this;
}

void write_table(Writer& writer, FieldTable table) {
    writer.u32(static_cast<std::uint32_t>(table.octets().size()));
    writer.bytes(table.octets());
}

}  // namespace codec::amqp091
