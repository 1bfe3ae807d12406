// A big-endian cursor over octets somebody else owns. Its error is sticky: after the first one every read
// gives zero or an empty view, so a decoder checks once, at its end. It never allocates and never throws.
#pragma once

#include <optional>

#include "codec/wire/bytes.hpp"
#include "codec/wire/decode_error.hpp"
#include "codec/wire/put.hpp"

namespace codec::wire {

class Reader {
public:
    explicit Reader(BytesView bytes, std::size_t base_offset = 0)
        : begin_(bytes.data()), cursor_(begin_), end_(begin_ + bytes.size()), base_(base_offset) {}

    std::uint8_t u8(std::string_view expected = "an octet") { return integer<std::uint8_t>(expected); }
    std::uint16_t u16(std::string_view expected = "a short integer") { return integer<std::uint16_t>(expected); }
    std::uint32_t u32(std::string_view expected = "a long integer") { return integer<std::uint32_t>(expected); }
    std::uint64_t u64(std::string_view expected = "a long long integer") { return integer<std::uint64_t>(expected); }

    [[gnu::always_inline]] BytesView take(std::size_t count, std::string_view expected) {
        if (remaining() < count) [[unlikely]] {
            fail(DecodeError::Kind::truncated, expected);
            return {};
        }
        const BytesView taken{cursor_, count};
        cursor_ += count;
        return taken;
    }

    BytesView rest() { return take(remaining(), ""); }

    std::size_t remaining() const { return static_cast<std::size_t>(end_ - cursor_); }
    std::size_t offset() const { return base_ + static_cast<std::size_t>(cursor_ - begin_); }

    // After a mistake nothing remains: that alone makes every later read give nothing.
    [[gnu::always_inline]] void fail(DecodeError::Kind kind, std::string_view expected) {
        fail(DecodeError{kind, offset(), expected});
    }
    // Inline like the reads, so that a reader whose address nobody takes lives in registers.
    [[gnu::always_inline]] void fail(const DecodeError& error) {
        if (!error_) error_ = error;
        end_ = cursor_;
    }

    const std::optional<DecodeError>& error() const { return error_; }

private:
    template <class Integer>
    [[gnu::always_inline]] Integer integer(std::string_view expected) {
        if (remaining() < sizeof(Integer)) [[unlikely]] {
            fail(DecodeError::Kind::truncated, expected);
            return 0;
        }
        const auto value = get<Integer>(cursor_);
        cursor_ += sizeof value;
        return value;
    }

    const Byte* begin_;
    const Byte* cursor_;
    const Byte* end_;
    std::size_t base_;
    std::optional<DecodeError> error_;
};

}  // namespace codec::wire
