#include "codec/wire/reader.hpp"

#include <gtest/gtest.h>

namespace codec::wire {
namespace {

using Kind = DecodeError::Kind;

TEST(Reader, reads_integers_big_endian) {
    const Bytes octets{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
    Reader reader(octets);
    EXPECT_EQ(reader.u8(), 0x01);
    EXPECT_EQ(reader.u16(), 0x0203);
    EXPECT_EQ(reader.u32(), 0x04050607u);
    EXPECT_EQ(reader.u64(), 0x08090a0b0c0d0e0fu);
    EXPECT_EQ(reader.remaining(), 0u);
    EXPECT_FALSE(reader.error());
}

TEST(Reader, gives_views_of_the_octets_it_was_given) {
    const Bytes octets{'a', 'b', 'c', 'd'};
    Reader reader(octets);
    const auto taken = reader.take(3, "three octets");
    EXPECT_EQ(as_text(taken), "abc");
    EXPECT_EQ(taken.data(), octets.data());
    EXPECT_EQ(as_text(reader.rest()), "d");
    EXPECT_FALSE(reader.error());
}

TEST(Reader, says_where_the_octets_ended_and_what_it_expected) {
    const Bytes octets{1, 2, 3};
    Reader reader(octets, 100);
    reader.u16();
    EXPECT_EQ(reader.u32("a frame size"), 0u);
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(*reader.error(), (DecodeError{Kind::truncated, 102, "a frame size"}));
    EXPECT_EQ(to_string(*reader.error()), "at octet 102: expected a frame size");
}

TEST(Reader, keeps_its_first_error_and_then_gives_nothing) {
    const Bytes octets{1, 2, 3, 4};
    Reader reader(octets);
    reader.fail(Kind::unknown_tag, "a tag");
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_EQ(reader.u64(), 0u);
    EXPECT_TRUE(reader.take(1, "an octet").empty());
    EXPECT_TRUE(reader.rest().empty());
    EXPECT_EQ(reader.remaining(), 0u);
    reader.fail(Kind::trailing, "the end");
    EXPECT_EQ(*reader.error(), (DecodeError{Kind::unknown_tag, 0, "a tag"}));
}

TEST(Reader, refuses_a_count_that_would_wrap_around) {
    const Bytes octets{1, 2};
    Reader reader(octets);
    reader.u8();
    EXPECT_TRUE(reader.take(SIZE_MAX, "a great many octets").empty());
    ASSERT_TRUE(reader.error());
    EXPECT_EQ(reader.error()->offset, 1u);
}

TEST(Reader, reads_nothing_from_nothing) {
    Reader reader(BytesView{});
    EXPECT_TRUE(reader.rest().empty());
    EXPECT_FALSE(reader.error());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_TRUE(reader.error());
}

}  // namespace
}  // namespace codec::wire
