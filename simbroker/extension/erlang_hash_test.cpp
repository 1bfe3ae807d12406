#include "simbroker/extension/erlang_hash.hpp"

#include <gtest/gtest.h>

namespace simbroker::extension {
namespace {

using codec::amqp091::Decimal;
using codec::amqp091::FieldArrayBuilder;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using codec::amqp091::Void;

std::uint32_t tagged(const FieldValue& value) {
    ErlangHash hash;
    feed_tagged(hash, value);
    return hash.value();
}

// The numbers of this file are what erlang:phash2/1 of Erlang/OTP 25 answered.
TEST(ErlangHash, OfBinariesIsPhash2) {
    EXPECT_EQ(ErlangHash().binary("").value(), 13708901u);
    EXPECT_EQ(ErlangHash().binary("a").value(), 112802447u);
    EXPECT_EQ(ErlangHash().binary("hello").value(), 47480723u);
    EXPECT_EQ(ErlangHash().binary("exactly12byt").value(), 119264439u);
    EXPECT_EQ(ErlangHash().binary("a key that is longer than twelve octets").value(), 90723657u);
}

TEST(ErlangHash, OfAtomsIsPhash2) {
    EXPECT_EQ(ErlangHash().atom("undefined").value(), 45914356u);
    EXPECT_EQ(ErlangHash().atom("true").value(), 506293u);
    EXPECT_EQ(ErlangHash().atom("false").value(), 7111573u);
    EXPECT_EQ(ErlangHash().nil().value(), 113427502u);
}

TEST(ErlangHash, OfNumbersIsPhash2) {
    EXPECT_EQ(ErlangHash().integer(0).value(), 88723725u);
    EXPECT_EQ(ErlangHash().integer(1).value(), 2614250u);
    EXPECT_EQ(ErlangHash().integer(-1).value(), 44071773u);
    EXPECT_EQ(ErlangHash().integer(134217727).value(), 112602999u);
    EXPECT_EQ(ErlangHash().integer(134217728).value(), 12354923u);
    EXPECT_EQ(ErlangHash().integer(-134217728).value(), 69672967u);
    EXPECT_EQ(ErlangHash().integer(-134217729).value(), 76739502u);
    EXPECT_EQ(ErlangHash().integer(4294967296).value(), 95057355u);
    EXPECT_EQ(ErlangHash().integer(INT64_MIN).value(), 126213383u);
    EXPECT_EQ(ErlangHash().big_integer(UINT64_MAX).value(), 53435350u);
    EXPECT_EQ(ErlangHash().real(1.0).value(), 77147068u);
    EXPECT_EQ(ErlangHash().real(2.5).value(), 100626700u);
}

TEST(ErlangHash, OfListsIsPhash2) {
    EXPECT_EQ(ErlangHash().binary("a").nil().value(), 53691870u);
    EXPECT_EQ(ErlangHash().binary("a").binary("b").nil().value(), 3094894u);
    EXPECT_EQ(ErlangHash().binary("").nil().value(), 38220213u);
}

TEST(ErlangHash, OfTaggedFieldValuesIsPhash2) {
    EXPECT_EQ(tagged(LongString{"a"}), 65711459u);
    EXPECT_EQ(tagged(std::int32_t{5}), 40839585u);
    EXPECT_EQ(tagged(std::int64_t{-5}), 54650909u);
    EXPECT_EQ(tagged(std::uint8_t{3}), 19827048u);
    EXPECT_EQ(tagged(true), 32030443u);
    EXPECT_EQ(tagged(Void{}), 27077197u);
    EXPECT_EQ(tagged(Timestamp{1700000000}), 59280699u);
    EXPECT_EQ(tagged(1.5), 115320697u);
    EXPECT_EQ(tagged(1.5f), 89550739u);
    EXPECT_EQ(tagged(Decimal{2, 314}), 113508173u);
    FieldTableBuilder table;
    table.add("k", LongString{"v"});
    EXPECT_EQ(tagged(table.view()), 95356243u);
    FieldArrayBuilder array;
    array.add(LongString{"x"});
    EXPECT_EQ(tagged(array.view()), 134154401u);
}

}  // namespace
}  // namespace simbroker::extension
