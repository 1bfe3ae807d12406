#include "codec/wire/writer.hpp"

#include <gtest/gtest.h>

#include "codec/wire/hex.hpp"

namespace codec::wire {
namespace {

TEST(Writer, appends_integers_big_endian) {
    Bytes out{0xff};
    Writer writer(out);
    writer.u8(0x01);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);
    EXPECT_EQ(to_hex(out), "ff0102030405060708090a0b0c0d0e0f");
    EXPECT_EQ(writer.size(), 16u);
}

TEST(Writer, appends_octets) {
    Bytes out;
    Writer writer(out);
    writer.bytes(as_bytes("abc"));
    writer.bytes({});
    EXPECT_EQ(as_text(out), "abc");
}

TEST(Writer, fills_in_nested_lengths_afterwards) {
    Bytes out;
    Writer writer(out);
    const auto outer = writer.reserve_length();
    writer.u8(0xaa);
    const auto inner = writer.reserve_length();
    writer.u16(0xbbbb);
    writer.fill_length(inner);
    writer.fill_length(outer);
    EXPECT_EQ(to_hex(out), "00000007aa00000002bbbb");
}

TEST(Writer, replaces_what_it_wrote) {
    Bytes out(6);
    Writer writer(out);
    writer.put_u8(0, 1);
    writer.put_u32(2, 0x02030405);
    EXPECT_EQ(to_hex(out), "010002030405");
}

}  // namespace
}  // namespace codec::wire
