// The tags of field-table values (4.2.5.5), one row each: the letter in either dialect, the type, and what stands
// behind the letter on the wire. Internal to codec/.
#pragma once

#include <array>

#include "codec/amqp091/field_table.hpp"

namespace codec::amqp091 {

// What follows a tag: `size` octets, or octets that say their own number.
enum class Shape : std::uint8_t { fixed, short_text, sized, array, table };

// A dialect in which a letter is missing has ' '. Where a dialect has two letters for a type (rabbitmq: 'l' and 'L'),
// the first row is the one written.
struct TagRow {
    char rabbitmq{};
    char specification{};
    std::size_t alternative{};  // the index of the type in FieldVariant
    Shape shape{};
    std::uint8_t size{};
    std::string_view expected;       // for a DecodeError
    std::string_view rabbitmq_name;  // the type as RabbitMQ calls it in its error texts
};

template <class T>
inline constexpr std::size_t index_of = FieldVariant(std::in_place_type<T>).index();

inline constexpr std::array tag_rows{
    // clang-format off
    TagRow{'t', 't', index_of<bool>, Shape::fixed, 1, "a boolean octet", "bool"},
    TagRow{'b', 'b', index_of<std::int8_t>, Shape::fixed, 1, "a signed octet", "byte"},
    TagRow{'B', 'B', index_of<std::uint8_t>, Shape::fixed, 1, "an unsigned octet", "unsignedbyte"},
    TagRow{'s', 'U', index_of<std::int16_t>, Shape::fixed, 2, "a signed 16-bit integer", "short"},
    TagRow{'u', 'u', index_of<std::uint16_t>, Shape::fixed, 2, "an unsigned 16-bit integer", "unsignedshort"},
    TagRow{'I', 'I', index_of<std::int32_t>, Shape::fixed, 4, "a signed 32-bit integer", "signedint"},
    TagRow{'i', 'i', index_of<std::uint32_t>, Shape::fixed, 4, "an unsigned 32-bit integer", "unsignedint"},
    TagRow{'l', 'L', index_of<std::int64_t>, Shape::fixed, 8, "a signed 64-bit integer", "long"},
    TagRow{'L', ' ', index_of<std::int64_t>, Shape::fixed, 8, "a signed 64-bit integer", "long"},
    TagRow{' ', 'l', index_of<std::uint64_t>, Shape::fixed, 8, "an unsigned 64-bit integer", "unsignedlong"},
    TagRow{'f', 'f', index_of<float>, Shape::fixed, 4, "a 32-bit float", "float"},
    TagRow{'d', 'd', index_of<double>, Shape::fixed, 8, "a 64-bit float", "double"},
    TagRow{'D', 'D', index_of<Decimal>, Shape::fixed, 5, "the scale and value of a decimal", "decimal"},
    TagRow{'S', 'S', index_of<LongString>, Shape::sized, 0, "the octets of a long string", "longstr"},
    TagRow{' ', 's', index_of<ShortText>, Shape::short_text, 0, "the octets of a short string", "shortstr"},
    TagRow{'x', ' ', index_of<ByteArray>, Shape::sized, 0, "the octets of a byte array", "binary"},
    TagRow{'A', 'A', index_of<FieldArray>, Shape::array, 0, "the octets of an array", "array"},
    TagRow{'T', 'T', index_of<Timestamp>, Shape::fixed, 8, "a timestamp", "timestamp"},
    TagRow{'F', 'F', index_of<FieldTable>, Shape::table, 0, "the octets of a table", "table"},
    TagRow{'V', 'V', index_of<Void>, Shape::fixed, 0, "nothing", "void"},
    // clang-format on
};

constexpr char letter(const TagRow& row, Dialect dialect) {
    return dialect == Dialect::rabbitmq ? row.rabbitmq : row.specification;
}

// The row of each octet in each dialect, or `no_row`.
inline constexpr std::uint8_t no_row = tag_rows.size();

consteval auto rows_by_tag(Dialect dialect) {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_row);
    for (std::size_t i = 0; i < tag_rows.size(); ++i) {
        const auto tag = static_cast<unsigned char>(letter(tag_rows[i], dialect));
        if (tag != ' ') table[tag] = static_cast<std::uint8_t>(i);
    }
    return table;
}

inline constexpr std::array tag_index{rows_by_tag(Dialect::rabbitmq), rows_by_tag(Dialect::specification)};

inline const TagRow* find_tag(std::uint8_t tag, Dialect dialect) {
    const auto row = tag_index[static_cast<std::size_t>(dialect)][tag];
    return row == no_row ? nullptr : &tag_rows[row];
}

}  // namespace codec::amqp091
