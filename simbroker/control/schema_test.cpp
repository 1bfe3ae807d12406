#include "simbroker/control/schema.hpp"

#include <gtest/gtest.h>

namespace simbroker::control {
namespace {

using nlohmann::json;

const json alarm = object_schema(
    {{"raised", {{"type", "boolean"}}},
     {"a/b", whole_number_schema("", 1, 9)},
     {"names", array_schema(choice_schema("", {"memory", "disk"}))}},
    {"raised"}
);

std::string mistake(const char* text) {
    const auto found = check(alarm, json::parse(text));
    return found ? found->pointer + ": " + found->expected + ": " + found->got : "none";
}

TEST(Schema, TakesWhatIsRight) {
    EXPECT_EQ(mistake(R"({"raised":true})"), "none");
    EXPECT_EQ(mistake(R"({"raised":false,"a/b":9,"names":["disk","memory"]})"), "none");
}

TEST(Schema, SaysWhereAndWhatWasExpected) {
    EXPECT_EQ(mistake("[]"), ": an object: an array");
    EXPECT_EQ(mistake("{}"), "/raised: true or false: nothing");
    EXPECT_EQ(mistake(R"({"raised":"yes"})"), "/raised: true or false: \"yes\"");
    EXPECT_EQ(mistake(R"({"raised":true,"a/b":10})"), "/a~1b: a whole number from 1 to 9: 10");
    EXPECT_EQ(mistake(R"({"raised":true,"a/b":1.5})"), "/a~1b: a whole number from 1 to 9: 1.5");
    EXPECT_EQ(mistake(R"({"raised":true,"names":["disk","tape"]})"), "/names/1: one of \"memory\", \"disk\": \"tape\"");
    EXPECT_EQ(mistake(R"({"rised":true})"), "/rised: no such field; there are a/b, names, raised: true");
}

TEST(Schema, KnowsOfSeveralTypes) {
    const json schema{{"type", {"number", "string"}}};
    EXPECT_FALSE(check(schema, 1.5));
    EXPECT_FALSE(check(schema, "1"));
    EXPECT_EQ(check(schema, json::array())->expected, "a number or a string");
}

TEST(Schema, MeasuresDepthWithoutBeingFooledByText) {
    EXPECT_FALSE(is_too_deep(R"({"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[["})"));
    EXPECT_FALSE(is_too_deep(std::string(most_levels, '[') + std::string(most_levels, ']')));
    EXPECT_TRUE(is_too_deep(std::string(most_levels + 1, '[')));
    EXPECT_FALSE(
        is_too_deep("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]")
    );
}

}  // namespace
}  // namespace simbroker::control
