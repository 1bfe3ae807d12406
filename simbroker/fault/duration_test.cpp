#include "simbroker/fault/duration.hpp"

#include <gtest/gtest.h>

namespace simbroker::fault {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsANumberAndAUnit) {
    EXPECT_EQ(duration_from_text("150ms"), Duration(150ms));
    EXPECT_EQ(duration_from_text("3s"), Duration(3s));
    EXPECT_EQ(duration_from_text("30m"), Duration(30min));
    EXPECT_EQ(duration_from_text("2h"), Duration(2h));
    EXPECT_EQ(duration_from_text("7d"), Duration(7 * 24h));
}

TEST(Duration, IsNothingElse) {
    for (const auto* text : {"", "5", "s", "-1s", "1.5s", "1 s", "1sec", "99999999999d", "99999999999999999999s"}) {
        const auto duration = duration_from_text(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_NE(duration.error().find("expected one such as"), std::string::npos);
    }
    EXPECT_FALSE(duration_from_json(5));
}

TEST(Duration, IsShownShortly) {
    EXPECT_EQ(duration_to_text(150ms), "150ms");
    EXPECT_EQ(duration_to_text(1500ms), "1.5s");
    EXPECT_EQ(duration_to_text(30min), "1800s");
}

}  // namespace
}  // namespace simbroker::fault
