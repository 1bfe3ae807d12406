#include "codec/wire/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace codec::wire {
namespace {

// The encoding of RFC 3629, section 3, for any code point, also for those that may not be encoded.
std::string encoded(char32_t point) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) return {static_cast<char>(point)};
    if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
    if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8, takes_every_code_point_but_surrogates) {
    for (char32_t point = 0; point <= 0x10ffff; ++point) {
        const bool surrogate = point >= 0xd800 && point <= 0xdfff;
        ASSERT_EQ(is_utf8(encoded(point)), !surrogate) << std::hex << static_cast<std::uint32_t>(point);
    }
}

TEST(Utf8, refuses_code_points_that_do_not_exist) {
    EXPECT_FALSE(is_utf8(encoded(0x110000)));
    EXPECT_FALSE(is_utf8("\xf5\x80\x80\x80"));
    EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, refuses_longer_forms_than_needed) {
    EXPECT_FALSE(is_utf8("\xc0\xaf"));
    EXPECT_FALSE(is_utf8("\xc1\xbf"));
    EXPECT_FALSE(is_utf8("\xe0\x9f\xbf"));
    EXPECT_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));
}

TEST(Utf8, refuses_sequences_that_break_off) {
    for (const std::string text :
         {"\xc3", "\xe2\x82", "\xf0\x9f\x92", "a\x80", "\xc3g", "\xe2\x82g", "\xf0\x9f\x92g"}) {
        EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
    }
}

TEST(Utf8, takes_text_of_several_sequences_and_nothing) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(
        is_utf8("Gr\xc3\xbc\xc3\x9f"
                "e \xe2\x82\xac \xf0\x9f\x92\xa9")
    );
}

}  // namespace
}  // namespace codec::wire
