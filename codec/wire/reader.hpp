// A big-endian cursor over octets somebody else owns. Its error is sticky: after the first one every read
// gives zero or an empty view, so a decoder checks once, at its end. It never allocates and never throws.
#pragma once

#include <bit>
#include <cstring>
#include <optional>

#include "codec/wire/bytes.hpp"
#include "codec/wire/decode_error.hpp"

namespace codec::wire {

class Reader {
public:
    explicit Reader(BytesView bytes, std::size_t base_offset = 0) : bytes_(bytes), base_(base_offset) {}

    std::uint8_t u8(std::string_view expected = "an octet") { return integer<std::uint8_t>(expected); }
    std::uint16_t u16(std::string_view expected = "a short integer") { return integer<std::uint16_t>(expected); }
    std::uint32_t u32(std::string_view expected = "a long integer") { return integer<std::uint32_t>(expected); }
    std::uint64_t u64(std::string_view expected = "a long long integer") {
        return integer<std::uint64_t>(expected);
    }

    BytesView take(std::size_t count, std::string_view expected) {
        if (remaining() < count) {
            fail(DecodeError::Kind::truncated, expected);
            return {};
        }
        const auto taken = bytes_.subspan(position_, count);
        position_ += count;
        return taken;
    }

    BytesView rest() { return take(remaining(), ""); }

    std::size_t remaining() const { return error_ ? 0 : bytes_.size() - position_; }
    std::size_t offset() const { return base_ + position_; }

    void fail(DecodeError::Kind kind, std::string_view expected) {
        if (!error_) error_ = DecodeError{kind, offset(), expected};
    }

    void fail(const DecodeError& error) {
        if (!error_) error_ = error;
    }

    const std::optional<DecodeError>& error() const { return error_; }

private:
    template <class Integer>
    Integer integer(std::string_view expected) {
        const auto octets = take(sizeof(Integer), expected);
        if (octets.empty()) return 0;
        Integer value;
        std::memcpy(&value, octets.data(), sizeof value);
        if constexpr (std::endian::native == std::endian::little && sizeof(Integer) > 1) {
            value = std::byteswap(value);
        }
        return value;
    }

    BytesView bytes_;
    std::size_t base_;
    std::size_t position_ = 0;
    std::optional<DecodeError> error_;
};

}  // namespace codec::wire
