#include "conformance/step/json_path.hpp"

#include <gtest/gtest.h>

namespace conformance::step {
namespace {

using nlohmann::json;

TEST(Member, IsFoundByItsPath) {
    const json whole = {{"properties", {{"headers", {{"x-death", {{{"count", 2}}}}, {"a.b", 1}}}}}};
    EXPECT_EQ(member(whole, "properties.headers.x-death.0.count"), json(2));
    EXPECT_EQ(member(whole, "properties.headers.a.b"), json(1));
    EXPECT_EQ(member(whole, "properties.colour"), std::nullopt);
    EXPECT_EQ(member(whole, "properties.headers.x-death.7"), std::nullopt);
}

TEST(JsonDifference, ComparesOnlyWhatIsNamed) {
    const json actual = {{"a", 1}, {"b", {{"c", "text"}, {"d", 2}}}};
    EXPECT_EQ(json_difference(actual, {{"b", {{"c", "text"}}}}), std::nullopt);
    EXPECT_EQ(json_difference(actual, {{"b", {{"c", "/t.*t/"}}}}), std::nullopt);
    EXPECT_EQ(json_difference(actual, {{"b", {{"c", "other"}}}}), "b.c: expected \"other\", got \"text\"");
    EXPECT_EQ(json_difference(actual, {{"b", {{"c", "/x/"}}}}), "b.c: expected a match of \"/x/\", got \"text\"");
    EXPECT_EQ(json_difference(actual, {{"e", 1}}), "e: expected 1, got nothing");
    EXPECT_EQ(json_difference(actual, {{"e", nullptr}}), std::nullopt);
    EXPECT_EQ(json_difference(actual, {{"a", {{"x", 1}}}}), "a: expected {\"x\":1}, got 1");
}

TEST(JsonDifference, KnowsBodies) {
    EXPECT_EQ(json_difference({{"body", "abc"}}, {{"body", {{"size", 3}}}}), std::nullopt);
    EXPECT_EQ(json_difference({{"body", "abc"}}, {{"body", {{"size", 4}}}}), "body: expected 4 octets, got 3");
    EXPECT_EQ(json_difference({{"body", "abc"}}, {{"body", {{"pattern", 3U}}}}), std::nullopt);
    EXPECT_EQ(
        json_difference({{"body", "abd"}}, {{"body", {{"pattern", 3U}}}}), "body: expected {\"pattern\":3}, got \"abd\""
    );
    EXPECT_EQ(json_difference({{"body", "hi"}}, {{"body", {{"hex", "6869"}}}}), std::nullopt);
    EXPECT_EQ(json_difference({{"body", {{"hex", "00ff"}}}}, {{"body", {{"hex", "00FF"}}}}), std::nullopt);
}

TEST(JsonDifference, SaysWhenARegularExpressionIsNone) {
    EXPECT_NE(json_difference("a", "/(/").value_or("").find("is no regular expression"), std::string::npos);
}

TEST(TextOrHex, IsTextIfItCan) {
    EXPECT_EQ(text_or_hex(codec::wire::as_bytes("gr\xc3\xbc\xc3\x9f")), json("gr\xc3\xbc\xc3\x9f"));
    EXPECT_EQ(text_or_hex(codec::wire::as_bytes("\xff\x01")), (json{{"hex", "ff01"}}));
}

}  // namespace
}  // namespace conformance::step
