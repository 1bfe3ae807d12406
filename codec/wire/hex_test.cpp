#include "codec/wire/hex.hpp"

#include <gtest/gtest.h>

namespace codec::wire {
namespace {

TEST(Hex, writes_lower_case_pairs) { EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xf0, 0xff}), "000ff0ff"); }

TEST(Hex, reads_either_case_and_blanks_between_pairs) {
    EXPECT_EQ(from_hex("000f F0fF"), (Bytes{0x00, 0x0f, 0xf0, 0xff}));
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, refuses_what_is_not_pairs_of_digits) {
    EXPECT_EQ(from_hex("0"), std::nullopt);
    EXPECT_EQ(from_hex("000"), std::nullopt);
    EXPECT_EQ(from_hex("0 0"), std::nullopt);
    EXPECT_EQ(from_hex("0g"), std::nullopt);
    EXPECT_EQ(from_hex("0x00"), std::nullopt);
}

TEST(Hex, reads_back_every_octet) {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Byte>(i);
    EXPECT_EQ(from_hex(to_hex(all)), all);
}

}  // namespace
}  // namespace codec::wire
