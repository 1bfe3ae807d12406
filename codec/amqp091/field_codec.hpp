// How the domain of one field is read, written and shown: the only place that knows. Internal to codec/.
#pragma once

#include <fmt/format.h>

#include "codec/amqp091/codec.hpp"
#include "codec/wire/reader.hpp"
#include "codec/wire/writer.hpp"

namespace codec::amqp091 {

template <class T>
T read_field(wire::Reader& reader, Dialect dialect) {
    if constexpr (std::is_same_v<T, Octet>) return reader.u8();
    if constexpr (std::is_same_v<T, Short>) return reader.u16();
    if constexpr (std::is_same_v<T, Long>) return reader.u32();
    if constexpr (std::is_same_v<T, LongLong>) return reader.u64();
    if constexpr (std::is_same_v<T, Timestamp>) return {reader.u64("a timestamp")};
    if constexpr (std::is_same_v<T, FieldTable>) return read_table(reader, dialect);
    if constexpr (std::is_same_v<T, ShortString>) {
        const auto size = reader.u8("the length of a short string");
        return wire::as_text(reader.take(size, "the octets of a short string"));
    }
    if constexpr (std::is_same_v<T, LongString>) {
        const auto size = reader.u32("the size of a long string");
        return {wire::as_text(reader.take(size, "the octets of a long string"))};
    }
}

inline void write_field(wire::Writer& writer, Octet value) { writer.u8(value); }
inline void write_field(wire::Writer& writer, Short value) { writer.u16(value); }
inline void write_field(wire::Writer& writer, Long value) { writer.u32(value); }
inline void write_field(wire::Writer& writer, LongLong value) { writer.u64(value); }
inline void write_field(wire::Writer& writer, Timestamp value) { writer.u64(value.seconds); }
inline void write_field(wire::Writer& writer, FieldTable value) { write_table(writer, value); }
inline void write_field(wire::Writer& writer, ShortString value) {
    writer.u8(static_cast<std::uint8_t>(value.text().size()));
    writer.bytes(wire::as_bytes(value.text()));
}
inline void write_field(wire::Writer& writer, LongString value) {
    writer.u32(static_cast<std::uint32_t>(value.text.size()));
    writer.bytes(wire::as_bytes(value.text));
}

template <class T>
constexpr Domain domain_of() {
    if constexpr (std::is_same_v<T, Octet>) return Domain::octet;
    if constexpr (std::is_same_v<T, Short>) return Domain::short_;
    if constexpr (std::is_same_v<T, Long>) return Domain::long_;
    if constexpr (std::is_same_v<T, LongLong>) return Domain::longlong;
    if constexpr (std::is_same_v<T, ShortString>) return Domain::shortstr;
    if constexpr (std::is_same_v<T, LongString>) return Domain::longstr;
    if constexpr (std::is_same_v<T, FieldTable>) return Domain::table;
    if constexpr (std::is_same_v<T, Bit>) return Domain::bit;
    if constexpr (std::is_same_v<T, Timestamp>) return Domain::timestamp;
}

template <class T>
std::string show_field(const T& value) {
    if constexpr (std::is_same_v<T, ShortString>) return to_string(FieldValue(LongString{value.text()})).substr(1);
    if constexpr (std::is_same_v<T, LongString>) return to_string(FieldValue(value)).substr(1);
    if constexpr (std::is_same_v<T, FieldTable>) return to_string(value);
    if constexpr (std::is_same_v<T, Timestamp>) return fmt::format("{}", value.seconds);
    if constexpr (std::is_integral_v<T>) return fmt::format("{}", value);
}

}  // namespace codec::amqp091
