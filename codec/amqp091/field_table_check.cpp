// Checks the octets of a table through and through, so that nothing that walks it later can fail.
#include "codec/amqp091/field_tags.hpp"

namespace codec::amqp091 {
namespace {

using wire::Reader;
using Kind = DecodeError::Kind;

enum class Nested : std::uint8_t { array, table };

void check_nested(Reader& outer, BytesView octets, Dialect dialect, int depth, Nested nested);

void check_value(Reader& reader, Dialect dialect, int depth) {
    const auto at = reader.offset();
    const auto tag = reader.u8("the tag of a field value");
    const auto* row = find_tag(tag, dialect);
    if (!row) return reader.fail({Kind::unknown_tag, at, "a field-value tag of the dialect"});
    std::size_t size = row->size;
    if (row->shape == Shape::short_text) size = reader.u8("the length of a short string");
    if (row->shape >= Shape::sized) size = reader.u32("a 32-bit size");
    const auto octets = reader.take(size, row->expected);
    if (reader.error()) return;
    if (row->shape == Shape::table) check_nested(reader, octets, dialect, depth - 1, Nested::table);
    if (row->shape == Shape::array) check_nested(reader, octets, dialect, depth - 1, Nested::array);
}

void check_nested(Reader& outer, BytesView octets, Dialect dialect, int depth, Nested nested) {
    if (depth <= 0) return outer.fail(Kind::too_deep, "fewer levels of nested tables and arrays");
    Reader reader(octets, outer.offset() - octets.size());
    while (reader.remaining() > 0) {
        if (nested == Nested::table) {
            const auto size = reader.u8("the length of a field name");
            reader.take(size, "the octets of a field name");
        }
        check_value(reader, dialect, depth);
    }
    if (reader.error()) {
        auto error = *reader.error();
        // The octets end inside the table, which is not where the method ends.
        if (error.kind == Kind::truncated) error.kind = Kind::bad_table;
        outer.fail(error);
    }
}

}  // namespace

std::expected<FieldTable, DecodeError> FieldTable::check(
    BytesView octets, Dialect dialect, std::size_t base_offset, int max_depth
) {
    Reader reader(octets, base_offset);
    reader.rest();
    check_nested(reader, octets, dialect, max_depth, Nested::table);
    if (reader.error()) return std::unexpected(*reader.error());
    return trusted(octets, dialect);
}

FieldTable read_table(Reader& reader, Dialect dialect) {
    const auto size = reader.u32("the 32-bit size of a field table");
    const auto octets = reader.take(size, "the octets of a field table");
    if (octets.empty()) return FieldTable::trusted({}, dialect);
    check_nested(reader, octets, dialect, max_table_depth, Nested::table);
    return FieldTable::trusted(reader.error() ? BytesView{} : octets, dialect);
}

}  // namespace codec::amqp091
