#include "conformance/step/variables.hpp"

#include <gtest/gtest.h>

namespace conformance::step {
namespace {

using nlohmann::json;

Variables some() { return Variables(json{{"name", "q"}, {"number", 5}, {"list", {1, 2}}}); }

TEST(Variables, StandInTexts) {
    EXPECT_EQ(some().substitute("$name"), json("q"));
    EXPECT_EQ(some().substitute("$name.dlx"), json("q.dlx"));
    EXPECT_EQ(some().substitute("$(name)2"), json("q2"));
    EXPECT_EQ(some().substitute("a$name-$number"), json("aq-5"));
}

TEST(Variables, TakeTheirTypeWhenTheyStandAlone) {
    EXPECT_EQ(some().substitute("$number"), json(5));
    EXPECT_EQ(some().substitute("$list"), json({1, 2}));
}

TEST(Variables, StandInKeysAndDeepInside) {
    EXPECT_EQ(some().substitute({{"$name", {{"x", {"$number"}}}}}), (json{{"q", {{"x", {5}}}}}));
}

TEST(Variables, LeaveDollarsThatNameNothing) {
    EXPECT_EQ(some().substitute("$$name costs $5, $ (x)"), json("$name costs $5, $ (x)"));
    EXPECT_EQ(some().substitute("/^a$/"), json("/^a$/"));
}

TEST(Variables, ThatDoNotExistAreAnErrorThatNamesThoseThatDo) {
    const auto result = some().substitute("$nme");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error(), "no variable $nme; there are $list $name $number");
}

TEST(Variables, OfTheScenarioGoBeforeBuiltInOnes) {
    auto variables = some();
    variables.set_built_in("number", 7);
    variables.set_built_in("other", 8);
    EXPECT_EQ(variables.substitute("$number"), json(5));
    EXPECT_EQ(variables.substitute("$other"), json(8));
    variables.set("other", 9);
    EXPECT_EQ(variables.substitute("$other"), json(9));
}

TEST(Variables, CanBeFoundAndLeftOut) {
    const json value = {{"a", "$x"}, {"$y", 1}, {"b", {"$(z)1", 2}}, {"c", 3}};
    EXPECT_EQ(variables_in(value), (std::set<std::string>{"x", "y", "z"}));
    EXPECT_EQ(without_variables(value), (json{{"b", {2}}, {"c", 3}}));
}

}  // namespace
}  // namespace conformance::step
