#include "codec/amqp091/field_table.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <limits>

namespace codec::amqp091 {
namespace {

using wire::as_text;
using wire::Reader;
using wire::Writer;
using Kind = DecodeError::Kind;

// One row a tag. `alternative` is the index in FieldVariant. A dialect in which a letter is missing has ' '.
// Where a dialect has two letters for a type (rabbitmq: 'l' and 'L'), the first row is the one written.
struct TagRow {
    char rabbitmq;
    char specification;
    std::size_t alternative;
    std::string_view rabbitmq_name;
};

template <class T>
constexpr std::size_t index_of = FieldVariant(std::in_place_type<T>).index();

constexpr std::array tag_rows{
    TagRow{'t', 't', index_of<bool>, "bool"},
    TagRow{'b', 'b', index_of<std::int8_t>, "byte"},
    TagRow{'B', 'B', index_of<std::uint8_t>, "unsignedbyte"},
    TagRow{'s', 'U', index_of<std::int16_t>, "short"},
    TagRow{'u', 'u', index_of<std::uint16_t>, "unsignedshort"},
    TagRow{'I', 'I', index_of<std::int32_t>, "signedint"},
    TagRow{'i', 'i', index_of<std::uint32_t>, "unsignedint"},
    TagRow{'l', 'L', index_of<std::int64_t>, "long"},
    TagRow{'L', ' ', index_of<std::int64_t>, "long"},
    TagRow{' ', 'l', index_of<std::uint64_t>, "unsignedlong"},
    TagRow{'f', 'f', index_of<float>, "float"},
    TagRow{'d', 'd', index_of<double>, "double"},
    TagRow{'D', 'D', index_of<Decimal>, "decimal"},
    TagRow{'S', 'S', index_of<LongString>, "longstr"},
    TagRow{' ', 's', index_of<ShortText>, "shortstr"},
    TagRow{'x', ' ', index_of<ByteArray>, "binary"},
    TagRow{'A', 'A', index_of<FieldArray>, "array"},
    TagRow{'T', 'T', index_of<Timestamp>, "timestamp"},
    TagRow{'F', 'F', index_of<FieldTable>, "table"},
    TagRow{'V', 'V', index_of<Void>, "void"},
};

constexpr char letter(const TagRow& row, Dialect dialect) {
    return dialect == Dialect::rabbitmq ? row.rabbitmq : row.specification;
}

constexpr std::size_t no_alternative = std::variant_size_v<FieldVariant>;

constexpr auto alternatives_by_tag(Dialect dialect) {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_alternative);
    for (const auto& row : tag_rows) {
        if (letter(row, dialect) != ' ') {
            table[static_cast<unsigned char>(letter(row, dialect))] = static_cast<std::uint8_t>(row.alternative);
        }
    }
    return table;
}

constexpr std::array alternatives{
    alternatives_by_tag(Dialect::rabbitmq),
    alternatives_by_tag(Dialect::specification),
};

template <std::size_t Index = 0>
FieldValue read_alternative(Reader& reader, std::size_t alternative, Dialect dialect);

}  // namespace

FieldValue read_value(Reader& reader, Dialect dialect) {
    const auto tag = reader.u8("the tag of a field value");
    const auto alternative = alternatives[static_cast<std::size_t>(dialect)][tag];
    if (alternative == no_alternative) {
        reader.fail(Kind::unknown_tag, "a field-value tag of the dialect");
        return Void{};
    }
    return read_alternative(reader, alternative, dialect);
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

void check_value(Reader& reader, Dialect dialect, int depth);

void check_nested(Reader& outer, BytesView octets, Dialect dialect, int depth, bool named) {
    if (depth <= 0) return outer.fail(Kind::too_deep, "fewer levels of nested tables and arrays");
    Reader reader(octets, outer.offset() - octets.size());
    while (!reader.error() && reader.remaining() > 0) {
        if (named) {
            const auto size = reader.u8("the length of a field name");
            reader.take(size, "the octets of a field name");
        }
        check_value(reader, dialect, depth);
    }
    if (reader.error()) {
        auto error = *reader.error();
        if (error.kind == Kind::truncated) error.kind = Kind::bad_table;
        outer.fail(error);
    }
}

void check_value(Reader& reader, Dialect dialect, int depth) {
    if (reader.error()) return;
    const auto value = read_value(reader, dialect);
    if (reader.error()) return;
    if (const auto* table = value.as<FieldTable>()) check_nested(reader, table->octets(), dialect, depth - 1, true);
    if (const auto* array = value.as<FieldArray>()) check_nested(reader, array->octets(), dialect, depth - 1, false);
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

std::expected<FieldTable, DecodeError> FieldTable::check(
    BytesView octets, Dialect dialect, std::size_t base_offset, int max_depth
) {
    Reader reader(octets, base_offset);
    reader.rest();
    check_nested(reader, octets, dialect, max_depth, true);
    if (reader.error()) return std::unexpected(*reader.error());
    return trusted(octets, dialect);
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
    const auto alternative = alternatives[static_cast<std::size_t>(dialect)][static_cast<unsigned char>(tag)];
    if (alternative == no_alternative) return std::nullopt;
    return alternative;
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

FieldTable read_table(Reader& reader, Dialect dialect) {
    const auto octets = read_sized(reader, "the octets of a field table");
    if (reader.error() || octets.empty()) return FieldTable::trusted({}, dialect);
    const auto table = FieldTable::check(octets, dialect, reader.offset() - octets.size());
    if (!table) {
        reader.fail(table.error());
        return FieldTable::trusted({}, dialect);
    }
    return *table;
}

void write_table(Writer& writer, FieldTable table) {
    writer.u32(static_cast<std::uint32_t>(table.octets().size()));
    writer.bytes(table.octets());
}

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 || octet == 0x7f) {
            out += fmt::format("\\x{:02x}", octet);
        } else {
            out += c;
        }
    }
    return out + '"';
}

struct Printer {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(Decimal value) const { return fmt::format("{}/{}", value.scale, value.value); }
    std::string operator()(LongString value) const { return quoted(value.text); }
    std::string operator()(ShortText value) const { return quoted(value.text); }
    std::string operator()(Timestamp value) const { return fmt::format("{}", value.seconds); }
    std::string operator()(FieldTable value) const { return to_string(value); }
    std::string operator()(Void) const { return ""; }
    std::string operator()(ByteArray value) const {
        std::string out = "'";
        for (const auto octet : value.octets) out += fmt::format("{:02x}", octet);
        return out + "'";
    }
    std::string operator()(FieldArray value) const {
        std::string out = "[";
        for (const auto& element : value) out += (out.size() > 1 ? "," : "") + to_string(element);
        return out + "]";
    }
    template <class Number>
    std::string operator()(Number value) const {
        return fmt::format("{}", value);
    }
};

}  // namespace

std::string to_string(const FieldValue& value) {
    // The letter names the type; the two types that only the other dialect has borrow its letter.
    const auto tag = tag_of(value, Dialect::rabbitmq).value_or(value.as<ShortText>() ? 'z' : 'U');
    return tag + std::visit(Printer{}, value.variant());
}

std::string to_string(FieldTable table) {
    std::string out = "{";
    for (const auto& [name, value] : table) {
        if (out.size() > 1) out += ",";
        out += std::string(name) + "=" + to_string(value);
    }
    return out + "}";
}

}  // namespace codec::amqp091
