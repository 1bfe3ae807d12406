#include "simbroker/model/pattern.hpp"

#include <gtest/gtest.h>

namespace simbroker::model {
namespace {

bool found(std::string_view pattern, std::string_view name) { return Pattern::compile(pattern)->found_in(name); }

TEST(Pattern, IsLookedForAnywhereUnlessAnchored) {
    EXPECT_TRUE(found("a", "xax"));
    EXPECT_FALSE(found("^a", "xax"));
    EXPECT_TRUE(found("^lim\\.", "lim.q"));
    EXPECT_FALSE(found("^lim\\.", "limq"));
    EXPECT_TRUE(found(".*", ""));
}

TEST(Pattern, KnowsPerlsLookaheadAndClasses) {
    EXPECT_FALSE(found("^(?!amq\\.).*", "amq.gen-1"));
    EXPECT_TRUE(found("^(?!amq\\.).*", "orders"));
    EXPECT_TRUE(found("(?i)^ORDERS-\\d+$", "orders-17"));
}

TEST(Pattern, AnchorsMeanTheWholeNameAndNotALine) {
    EXPECT_FALSE(found("^b$", "a\nb\nc"));
    EXPECT_TRUE(found("^$", ""));
}

TEST(Pattern, SaysWhatIsWrongAsErlangDoes) {
    EXPECT_EQ(Pattern::compile("(").error(), "{\"missing )\",1}");
    EXPECT_EQ(Pattern::compile("[a").error(), "{\"missing terminating ] for character class\",2}");
}

TEST(Pattern, GivesUpOnEndlessBacktracking) { EXPECT_FALSE(found("^(a+)+$", std::string(64, 'a') + "b")); }

TEST(Pattern, MatchesNothingWhenThereIsNone) { EXPECT_FALSE(Pattern().found_in("")); }

}  // namespace
}  // namespace simbroker::model
