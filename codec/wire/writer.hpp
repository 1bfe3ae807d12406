// Appends big-endian values to a buffer its caller owns, and fills in lengths that are known only afterwards.
#pragma once

#include <bit>
#include <cassert>
#include <cstring>

#include "codec/wire/bytes.hpp"

namespace codec::wire {

class Writer {
public:
    explicit Writer(Bytes& out) : out_(out) {}

    void u8(std::uint8_t value) { out_.push_back(value); }
    void u16(std::uint16_t value) { integer(value); }
    void u32(std::uint32_t value) { integer(value); }
    void u64(std::uint64_t value) { integer(value); }

    void bytes(BytesView octets) {
        if (octets.empty()) return;
        const auto at = out_.size();
        out_.resize(at + octets.size());
        std::memcpy(out_.data() + at, octets.data(), octets.size());
    }

    std::size_t size() const { return out_.size(); }

    // Leaves room for a 32-bit length; `fill_length` writes there how much was appended since.
    std::size_t reserve_length() {
        u32(0);
        return out_.size();
    }
    void fill_length(std::size_t reserved) {
        put_u32(reserved - 4, static_cast<std::uint32_t>(out_.size() - reserved));
    }

    void put_u8(std::size_t at, std::uint8_t value) {
        assert(at < out_.size());
        out_[at] = value;
    }
    void put_u32(std::size_t at, std::uint32_t value) {
        assert(at + sizeof value <= out_.size());
        store(out_.data() + at, value);
    }

private:
    template <class Integer>
    void integer(Integer value) {
        const auto at = out_.size();
        out_.resize(at + sizeof value);
        store(out_.data() + at, value);
    }

    template <class Integer>
    static void store(Byte* to, Integer value) {
        if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
        std::memcpy(to, &value, sizeof value);
    }

    Bytes& out_;
};

}  // namespace codec::wire
