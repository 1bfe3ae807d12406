// How the domain of one field is read, written and shown: the only place that knows. Internal to codec/.
#pragma once

#include <fmt/format.h>

#include "codec/amqp091/codec.hpp"
#include "codec/wire/put.hpp"
#include "codec/wire/reader.hpp"

namespace codec::amqp091 {

// 4.2.5.2: consecutive bits share an octet, the first one in its lowest bit; nine need a second octet.
class BitReader {
public:
    [[gnu::always_inline]] bool next(wire::Reader& reader) {
        if (used_ == 8) {
            octet_ = reader.u8("an octet of bits");
            used_ = 0;
        }
        return (octet_ >> used_++) & 1;
    }
    [[gnu::always_inline]] void end_run() { used_ = 8; }

private:
    unsigned octet_ = 0;
    int used_ = 8;
};

// Hands every full or ended run of bits to `put`, as an octet.
class BitCollector {
public:
    [[gnu::always_inline]] void next(bool bit, auto&& put) {
        if (used_ == 8) end_run(put);
        octet_ |= static_cast<unsigned>(bit) << used_++;
    }
    [[gnu::always_inline]] void end_run(auto&& put) {
        if (used_ > 0) put(static_cast<Octet>(octet_));
        octet_ = 0;
        used_ = 0;
    }

private:
    unsigned octet_ = 0;
    int used_ = 0;
};

template <class T>
[[gnu::always_inline]] inline T read_field(wire::Reader& reader, Dialect dialect) {
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

template <class T>
[[gnu::always_inline]] inline std::size_t field_size(const T& value) {
    if constexpr (std::is_integral_v<T>) return sizeof value;
    if constexpr (std::is_same_v<T, Timestamp>) return sizeof value.seconds;
    if constexpr (std::is_same_v<T, FieldTable>) return sizeof(Long) + value.octets().size();
    if constexpr (std::is_same_v<T, LongString>) return sizeof(Long) + value.text.size();
    if constexpr (std::is_same_v<T, ShortString>) return sizeof(Octet) + value.text().size();
}

template <class T>
[[gnu::always_inline]] inline Byte* put_field(Byte* at, const T& value) {
    if constexpr (std::is_integral_v<T>) return wire::put(at, value);
    if constexpr (std::is_same_v<T, Timestamp>) return wire::put(at, value.seconds);
    if constexpr (std::is_same_v<T, FieldTable>) {
        return wire::put_bytes(wire::put(at, static_cast<Long>(value.octets().size())), value.octets());
    }
    if constexpr (std::is_same_v<T, LongString>) {
        return wire::put_bytes(wire::put(at, static_cast<Long>(value.text.size())), wire::as_bytes(value.text));
    }
    if constexpr (std::is_same_v<T, ShortString>) {
        return wire::put_bytes(wire::put(at, static_cast<Octet>(value.text().size())), wire::as_bytes(value.text()));
    }
}

[[gnu::always_inline]] inline Byte* put_frame_header(Byte* at, Octet type, ChannelNumber channel, std::size_t size) {
    return wire::put(wire::put(wire::put(at, type), channel.value), static_cast<Long>(size));
}

// Calls visit(flag, row) for each property in wire order.
template <class Visit>
[[gnu::always_inline]] constexpr void for_each_property(Visit&& visit) {
    std::uint16_t flag = 1u << 15;
    for_each_in(BasicProperties::fields, [&] [[gnu::always_inline]] (const auto& row) {
        visit(flag, row);
        flag = static_cast<std::uint16_t>(flag >> 1);
    });
}

// Calls visit(row) for each property whose flag is set, and looks no further than the last one.
template <class Visit>
[[gnu::always_inline]] constexpr void for_each_flagged(std::uint16_t flags, Visit&& visit) {
    constexpr auto& row = BasicProperties::fields;
    [&]<std::size_t... I> [[gnu::always_inline]] (std::index_sequence<I...>) {
        const auto step = [&] [[gnu::always_inline]] (const auto& field, unsigned flag) {
            if (flags & flag) visit(field);
            return (flags & (flag - 1)) != 0;
        };
        static_cast<void>((step(std::get<I>(row), 1u << (15 - I)) && ...));
    }(std::make_index_sequence<std::tuple_size_v<std::decay_t<decltype(row)>>>{});
}

[[gnu::always_inline]] inline Byte* put_content_header(Byte* at, const ContentHeader& header) {
    return wire::put(wire::put(wire::put(at, header.class_id), header.weight), header.body_size);
}

// What property octets will be: how many, and the flags they begin with.
struct EncodedProperties {
    std::size_t size{};
    std::uint16_t flags{};
};

inline EncodedProperties measure(const BasicProperties& properties) {
    EncodedProperties measured{.size = sizeof measured.flags, .flags = 0};
    for_each_property([&] [[gnu::always_inline]] (std::uint16_t flag, const auto& row) {
        if (const auto& value = properties.*row.member) {
            measured.flags = static_cast<std::uint16_t>(measured.flags | flag);
            measured.size += field_size(*value);
        }
    });
    return measured;
}

inline Byte* put_properties(Byte* at, const BasicProperties& properties, std::uint16_t flags) {
    at = wire::put(at, flags);
    for_each_flagged(flags, [&] [[gnu::always_inline]] (const auto& row) {
        at = put_field(at, *(properties.*row.member));
    });
    return at;
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

inline std::string show_field(const FieldContent& content) {
    return std::visit(
        []<class T>(const T& value) -> std::string {
            if constexpr (std::is_same_v<T, ShortString>)
                return to_string(FieldValue(LongString{value.text()})).substr(1);
            if constexpr (std::is_same_v<T, LongString>) return to_string(FieldValue(value)).substr(1);
            if constexpr (std::is_same_v<T, FieldTable>) return to_string(value);
            if constexpr (std::is_same_v<T, Timestamp>) return fmt::format("{}", value.seconds);
            if constexpr (std::is_integral_v<T>) return fmt::format("{}", value);
        },
        content
    );
}

}  // namespace codec::amqp091
