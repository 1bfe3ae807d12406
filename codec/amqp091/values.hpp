// The elementary domains of AMQP 0-9-1 (4.2.5) as types. Every one of them is a view: it is worth
// what the buffer behind it is worth.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/wire/bytes.hpp"
#include "codec/wire/decode_error.hpp"

namespace codec::amqp091 {

using wire::Byte;
using wire::Bytes;
using wire::BytesView;
using wire::DecodeError;

using Octet = std::uint8_t;
using Short = std::uint16_t;
using Long = std::uint32_t;
using LongLong = std::uint64_t;
using Bit = bool;

// 4.2.5.3: at most 255 octets. What comes from outside is cut with `truncated` or checked with `fits` first.
class ShortString {
public:
    static constexpr std::size_t max_size = 255;

    constexpr ShortString() = default;
    constexpr ShortString(std::string_view text) : text_(text) { assert(fits(text)); }
    constexpr ShortString(const char* text) : ShortString(std::string_view(text)) {}
    ShortString(const std::string& text) : ShortString(std::string_view(text)) {}

    static constexpr bool fits(std::string_view text) { return text.size() <= max_size; }
    static constexpr ShortString truncated(std::string_view text) { return text.substr(0, max_size); }

    constexpr std::string_view text() const { return text_; }
    constexpr bool empty() const { return text_.empty(); }

    friend constexpr bool operator==(ShortString, ShortString) = default;

private:
    std::string_view text_;
};

// 4.2.5.3: up to 2^32-1 octets of anything.
struct LongString {
    std::string_view text;

    friend constexpr bool operator==(LongString, LongString) = default;
};

// 4.2.5.4: seconds since 1970-01-01 00:00 UTC.
struct Timestamp {
    std::uint64_t seconds{};

    friend constexpr bool operator==(Timestamp, Timestamp) = default;
};

// value * 10^-scale. The value is signed, as every implementation has it.
struct Decimal {
    std::uint8_t scale{};
    std::int32_t value{};

    friend constexpr bool operator==(Decimal, Decimal) = default;
};

struct ByteArray {
    BytesView octets;

    friend bool operator==(ByteArray a, ByteArray b) { return wire::as_text(a.octets) == wire::as_text(b.octets); }
};

struct Void {
    friend constexpr bool operator==(Void, Void) = default;
};

}  // namespace codec::amqp091
