#include <gtest/gtest.h>

#include "simbroker/model/router.hpp"

namespace simbroker::model {
namespace {

using codec::amqp091::ByteArray;
using codec::amqp091::FieldArrayBuilder;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using codec::amqp091::Void;
using profile::HeaderNumbers;
using Fields = std::vector<std::pair<std::string, FieldValue>>;

const FieldValue one = std::int32_t{1};
const FieldValue x = LongString{"x"};

FieldValue mode(std::string_view value) { return LongString{value}; }

bool match(
    const Fields& binding, const Fields& headers, HeaderNumbers numbers = HeaderNumbers::integers_and_floats_differ
) {
    const auto table = [](const Fields& fields) {
        FieldTableBuilder builder;
        for (const auto& [name, value] : fields) builder.add(name, value);
        return builder;
    };
    return headers_match(table(binding).view(), table(headers).view(), numbers);
}

// The rows below are what RabbitMQ answered.
TEST(HeadersRouter, AllNeedsEveryHeaderOfTheBinding) {
    EXPECT_TRUE(match({{"x-match", mode("all")}, {"a", one}, {"b", x}}, {{"a", one}, {"b", x}}));
    EXPECT_TRUE(match({{"x-match", mode("all")}, {"a", one}, {"b", x}}, {{"a", one}, {"b", x}, {"c", std::int32_t{3}}})
    );
    EXPECT_FALSE(match({{"x-match", mode("all")}, {"a", one}, {"b", x}}, {{"a", one}}));
    EXPECT_FALSE(match({{"a", one}, {"b", x}}, {{"a", one}})) << "all is the default";
}

TEST(HeadersRouter, AnyNeedsOne) {
    EXPECT_TRUE(match({{"x-match", mode("any")}, {"a", one}, {"b", x}}, {{"a", one}}));
    EXPECT_FALSE(match({{"x-match", mode("any")}, {"a", one}, {"b", x}}, {{"a", std::int32_t{2}}}));
}

TEST(HeadersRouter, AnEmptyBindingMatchesAllOfEverythingAndAnyOfNothing) {
    EXPECT_TRUE(match({}, {}));
    EXPECT_TRUE(match({}, {{"a", one}}));
    EXPECT_TRUE(match({{"x-match", mode("all")}}, {}));
    EXPECT_FALSE(match({{"x-match", mode("any")}}, {{"a", one}}));
    EXPECT_FALSE(match({{"x-match", mode("any")}}, {}));
}

TEST(HeadersRouter, KeysBeginningWithXCountOnlyWhenAskedFor) {
    EXPECT_TRUE(match({{"x-foo", one}}, {}));
    EXPECT_TRUE(match({{"x-foo", one}}, {{"x-foo", std::int32_t{2}}}));
    EXPECT_TRUE(match({{"x-match", mode("all-with-x")}, {"x-foo", one}}, {{"x-foo", one}}));
    EXPECT_FALSE(match({{"x-match", mode("all-with-x")}, {"x-foo", one}}, {{"x-foo", std::int32_t{2}}}));
    EXPECT_TRUE(match({{"x-match", mode("any-with-x")}, {"x-foo", one}, {"a", one}}, {{"x-foo", one}}));
    EXPECT_FALSE(match({{"x-match", mode("any")}, {"x-foo", one}, {"a", one}}, {{"x-foo", one}}));
}

TEST(HeadersRouter, ValuesCompareAcrossTypesOfOneKind) {
    EXPECT_TRUE(match({{"a", one}}, {{"a", std::int64_t{1}}}));
    EXPECT_TRUE(match({{"a", Timestamp{5}}}, {{"a", std::int32_t{5}}}));
    const codec::wire::Bytes z{'z'};
    EXPECT_TRUE(match({{"a", ByteArray{z}}}, {{"a", LongString{"z"}}}));
    EXPECT_FALSE(match({{"a", one}}, {{"a", LongString{"1"}}}));
    EXPECT_FALSE(match({{"a", one}}, {{"a", true}}));
    EXPECT_FALSE(match({{"a", LongString{"X"}}}, {{"a", x}}));
}

TEST(HeadersRouter, WhetherOneEqualsOnePointZeroIsTheProfilesAffair) {
    EXPECT_TRUE(match({{"a", one}}, {{"a", 1.0}}, HeaderNumbers::integers_equal_floats));
    EXPECT_FALSE(match({{"a", one}}, {{"a", 1.0}}, HeaderNumbers::integers_and_floats_differ));
}

TEST(HeadersRouter, AVoidInTheBindingMatchesAnyValueOfThatName) {
    EXPECT_TRUE(match({{"a", Void{}}}, {{"a", std::int32_t{5}}}));
    EXPECT_TRUE(match({{"a", Void{}}}, {{"a", Void{}}}));
    EXPECT_FALSE(match({{"a", Void{}}}, {{"b", one}}));
    EXPECT_FALSE(match({{"a", one}}, {{"a", Void{}}}));
}

}  // namespace
}  // namespace simbroker::model
