// Field tables (4.2.5.5): names to typed values, nested. A `FieldTable` is a view of encoded octets that were
// checked once, so walking it cannot fail; a `FieldTableBuilder` makes the octets.
//
//   table          = long-uint(size) *(name value)       name = octet(length) *octet
//   value          = octet(tag) ...                      array = 'A' long-uint(size) *value
//
// Two dialects share the grammar and disagree on tags. The letters of the published 0-9-1 grammar
// are used by nobody; the errata (section 3), written after RabbitMQ and Qpid, are what clients speak.
//
//   type            int8 uint8 int16 uint16 int32 uint32 int64 uint64 short-string byte-array
//   rabbitmq        b    B     s     u      I     i      l, L  -      -            x
//   specification   b    B     U     u      I     i      L     l      s            -
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "codec/amqp091/values.hpp"
#include "codec/wire/reader.hpp"
#include "codec/wire/writer.hpp"

namespace codec::amqp091 {

enum class Dialect : std::uint8_t { rabbitmq, specification };

// Deeper nesting is refused: 32 levels is what the Java client allows, and nothing real needs more than 4.
inline constexpr int max_table_depth = 32;

class FieldTable;
class FieldArray;

// A value of the 's' tag of the published grammar; the rabbitmq dialect has none.
struct ShortText {
    std::string_view text;
    friend constexpr bool operator==(ShortText, ShortText) = default;
};

class FieldTable {
public:
    class Iterator;

    FieldTable() = default;

    // Checks `octets` (without the leading size) through and through.
    static std::expected<FieldTable, DecodeError> check(
        BytesView octets,
        Dialect dialect = Dialect::rabbitmq,
        std::size_t base_offset = 0,
        int max_depth = max_table_depth
    );
    // For octets that a builder or `check` has already vouched for.
    static FieldTable trusted(BytesView octets, Dialect dialect = Dialect::rabbitmq) { return {octets, dialect}; }

    BytesView octets() const { return octets_; }
    Dialect dialect() const { return dialect_; }
    bool empty() const { return octets_.empty(); }

    Iterator begin() const;
    Iterator end() const;

    // The first value of that name: RabbitMQ keeps duplicates and the first wins.
    std::optional<struct FieldValue> find(std::string_view name) const;

    // Octet for octet: 1 as int8 and 1 as int64 differ.
    friend bool operator==(FieldTable a, FieldTable b) { return wire::as_text(a.octets_) == wire::as_text(b.octets_); }

private:
    FieldTable(BytesView octets, Dialect dialect) : octets_(octets), dialect_(dialect) {}

    BytesView octets_;
    Dialect dialect_ = Dialect::rabbitmq;
};

class FieldArray {
public:
    class Iterator;

    FieldArray() = default;
    static FieldArray trusted(BytesView octets, Dialect dialect = Dialect::rabbitmq) { return {octets, dialect}; }

    BytesView octets() const { return octets_; }
    Dialect dialect() const { return dialect_; }
    bool empty() const { return octets_.empty(); }

    Iterator begin() const;
    Iterator end() const;

    friend bool operator==(FieldArray a, FieldArray b) { return wire::as_text(a.octets_) == wire::as_text(b.octets_); }

private:
    FieldArray(BytesView octets, Dialect dialect) : octets_(octets), dialect_(dialect) {}

    BytesView octets_;
    Dialect dialect_ = Dialect::rabbitmq;
};

using FieldVariant = std::variant<
    bool,
    std::int8_t,
    std::uint8_t,
    std::int16_t,
    std::uint16_t,
    std::int32_t,
    std::uint32_t,
    std::int64_t,
    std::uint64_t,
    float,
    double,
    Decimal,
    LongString,
    ShortText,
    ByteArray,
    FieldArray,
    Timestamp,
    FieldTable,
    Void>;

struct FieldValue : FieldVariant {
    using FieldVariant::FieldVariant;
    using FieldVariant::operator=;

    const FieldVariant& variant() const { return *this; }

    template <class T>
    const T* as() const {
        return std::get_if<T>(&variant());
    }
    // Any of the integer types, widened; nothing for a uint64 above the signed range.
    std::optional<std::int64_t> as_integer() const;
};

// RabbitMQ's name of a value's type in its error texts: longstr, signedint, bool, table ...
std::string_view rabbitmq_type_name(const FieldValue&);

// The tag a value is written with, or nothing if the dialect cannot express it.
std::optional<char> tag_of(const FieldValue&, Dialect);

class FieldTable::Iterator {
public:
    using value_type = std::pair<std::string_view, FieldValue>;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(BytesView rest, Dialect dialect) : rest_(rest), dialect_(dialect) {}

    value_type operator*() const;
    Iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_.size() == b.rest_.size(); }

private:
    BytesView rest_;
    Dialect dialect_ = Dialect::rabbitmq;
};

class FieldArray::Iterator {
public:
    using value_type = FieldValue;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(BytesView rest, Dialect dialect) : rest_(rest), dialect_(dialect) {}

    value_type operator*() const;
    Iterator& operator++();
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_.size() == b.rest_.size(); }

private:
    BytesView rest_;
    Dialect dialect_ = Dialect::rabbitmq;
};

inline FieldTable::Iterator FieldTable::begin() const { return {octets_, dialect_}; }
inline FieldTable::Iterator FieldTable::end() const { return {BytesView{}, dialect_}; }
inline FieldArray::Iterator FieldArray::begin() const { return {octets_, dialect_}; }
inline FieldArray::Iterator FieldArray::end() const { return {BytesView{}, dialect_}; }

// Owns the octets of a table or array under construction. A value the dialect has no tag for is a
// mistake of ours and asserts. Values of another dialect are written anew in the builder's own.
class FieldArrayBuilder {
public:
    explicit FieldArrayBuilder(Dialect dialect = Dialect::rabbitmq) : dialect_(dialect) {}

    FieldArrayBuilder& add(const FieldValue& value);

    FieldArray view() const { return FieldArray::trusted(octets_, dialect_); }

private:
    Dialect dialect_;
    Bytes octets_;
};

class FieldTableBuilder {
public:
    explicit FieldTableBuilder(Dialect dialect = Dialect::rabbitmq) : dialect_(dialect) {}
    // A copy of `table`'s octets as they are.
    explicit FieldTableBuilder(FieldTable table)
        : dialect_(table.dialect()), octets_(table.octets().begin(), table.octets().end()) {}

    FieldTableBuilder& add(std::string_view name, const FieldValue& value);  // name: at most 255 octets

    FieldTable view() const { return FieldTable::trusted(octets_, dialect_); }
    bool empty() const { return octets_.empty(); }

private:
    Dialect dialect_;
    Bytes octets_;
};

// Reads a table with its leading 32-bit size; on any mistake `reader` holds the error.
FieldTable read_table(wire::Reader& reader, Dialect dialect = Dialect::rabbitmq);
void write_table(wire::Writer& writer, FieldTable table);

// One value with its tag. Reading goes one level deep: what a table or array holds is a view, not yet checked.
FieldValue read_value(wire::Reader& reader, Dialect dialect = Dialect::rabbitmq);
void write_value(wire::Writer& writer, const FieldValue& value, Dialect dialect = Dialect::rabbitmq);

// The index in FieldVariant of what `tag` stands for, if the dialect has it.
std::optional<std::size_t> alternative_of(char tag, Dialect);

// {a=I1, b=S"x", c=F{...}}: the notation of the scenario reports.
std::string to_string(FieldTable);
std::string to_string(const FieldValue&);

}  // namespace codec::amqp091
