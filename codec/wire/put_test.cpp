#include "codec/wire/put.hpp"

#include <gtest/gtest.h>

#include "codec/wire/hex.hpp"

namespace codec::wire {
namespace {

TEST(Put, stores_integers_big_endian_and_says_where_it_stopped) {
    Bytes out(15);
    auto* at = put(out.data(), std::uint8_t{0x01});
    at = put(at, std::uint16_t{0x0203});
    at = put(at, std::uint32_t{0x04050607});
    at = put(at, std::uint64_t{0x08090a0b0c0d0e0f});
    EXPECT_EQ(at, out.data() + out.size());
    EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c0d0e0f");
}

// Every size has its own path through the overlapping blocks; the octets around must stay as they were.
TEST(Put, copies_exactly_as_many_octets_as_it_is_told) {
    for (std::size_t size = 0; size <= 300; ++size) {
        Bytes from(size);
        for (std::size_t i = 0; i < size; ++i) from[i] = static_cast<Byte>(i * 7 + 1);
        Bytes to(size + 2, 0xee);
        ASSERT_EQ(put_bytes(to.data() + 1, from), to.data() + 1 + size);
        ASSERT_EQ(Bytes(to.begin() + 1, to.end() - 1), from) << size;
        ASSERT_EQ(to.front(), 0xee) << size;
        ASSERT_EQ(to.back(), 0xee) << size;
    }
}

TEST(Put, makes_room_behind_what_is_there) {
    Bytes out{1, 2};
    put(append_room(out, 2), std::uint16_t{0x0304});
    EXPECT_EQ(to_hex(out), "01020304");
}

}  // namespace
}  // namespace codec::wire
