// Stores and loads integers big-endian where room is known to be. Each `put` returns the place behind what it stored,
// so a row of them keeps its cursor in a register; that is why encoding methods does not go through `Writer`.
#pragma once

#include <bit>
#include <cstring>

#include "codec/wire/bytes.hpp"

namespace codec::wire {

template <class Integer>
[[gnu::always_inline]] inline Byte* put(Byte* at, Integer value) {
    if constexpr (std::endian::native == std::endian::little && sizeof(Integer) > 1) value = std::byteswap(value);
    std::memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

// The other direction, where that many octets are known to be.
template <class Integer>
[[gnu::always_inline]] inline Integer get(const Byte* at) {
    Integer value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::little && sizeof(Integer) > 1) value = std::byteswap(value);
    return value;
}

template <std::size_t size>
[[gnu::always_inline]] inline void copy_ends(Byte* to, const Byte* from, std::size_t count) {
    std::memcpy(to, from, size);
    std::memcpy(to + count - size, from + count - size, size);
}

// For the few octets of a name, calling memcpy costs more than copying: blocks overlap instead of a loop over the tail.
[[gnu::always_inline]] inline Byte* put_few(Byte* to, const Byte* from, std::size_t count) {
    if (count > 64) {
        std::memcpy(to, from, count);
    } else if (count >= 32) {
        copy_ends<32>(to, from, count);
    } else if (count >= 16) {
        copy_ends<16>(to, from, count);
    } else if (count >= 8) {
        copy_ends<8>(to, from, count);
    } else if (count >= 4) {
        copy_ends<4>(to, from, count);
    } else if (count > 0) {
        to[0] = from[0];
        to[count / 2] = from[count / 2];
        to[count - 1] = from[count - 1];
    }
    return to + count;
}

[[gnu::always_inline]] inline Byte* put_bytes(Byte* at, BytesView octets) {
    return put_few(at, octets.data(), octets.size());
}

// Makes room for `count` octets at the end of `out` and says where it begins.
inline Byte* append_room(Bytes& out, std::size_t count) {
    const auto before = out.size();
    out.resize(before + count);
    return out.data() + before;
}

}  // namespace codec::wire
