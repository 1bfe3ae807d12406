#include "simbroker/trace/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simbroker/trace/recorded_run.hpp"

namespace simbroker::trace {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Answer {
    bool same;
    std::string text;
};

Answer compared(const std::string& first, const std::string& second, Times times = Times::compared) {
    std::istringstream one(first);
    std::istringstream other(second);
    std::ostringstream out;
    const auto same = diff(one, other, out, times);
    if (!same) {
        const bool of_first = same.error().which == DiffError::Which::first;
        return {false, (of_first ? "first: " : "second: ") + to_string(same.error().error)};
    }
    return {*same == Same::yes, out.str()};
}

TEST(TraceDiff, says_that_equal_traces_are_the_same) {
    const auto [same, text] = compared(recorded_run(), recorded_run());
    EXPECT_TRUE(same);
    EXPECT_THAT(text, StartsWith("the same: "));
}

TEST(TraceDiff, shows_the_first_difference_with_what_led_to_it) {
    const auto [same, text] = compared(recorded_run(), recorded_run({.body = "jello"}));
    EXPECT_FALSE(same);
    EXPECT_THAT(text, StartsWith("different from input "));
    EXPECT_THAT(text, HasSubstr("-> header of 5 octets"));  // before, in both
    EXPECT_THAT(text, HasSubstr("-      1.000000000  > |      #1.1    -> body of 5 octets: hello\n"));
    EXPECT_THAT(text, HasSubstr("+      1.000000000  > |      #1.1    -> body of 5 octets: jello\n"));
    EXPECT_THAT(text, HasSubstr("octet 7 of the frame: "));
}

TEST(TraceDiff, finds_what_differs_beyond_the_words) {
    const auto [same, text] = compared(
        recorded_run(
            {.body = "the first sixty octets of these bodies are the same, and no more than those are shown: A"}
        ),
        recorded_run(
            {.body = "the first sixty octets of these bodies are the same, and no more than those are shown: B"}
        )
    );
    EXPECT_FALSE(same);
    EXPECT_THAT(text, HasSubstr("octet 94 of the frame: "));
}

TEST(TraceDiff, may_ignore_times) {
    const auto slower = recorded_run({.latency = std::chrono::milliseconds(7)});
    EXPECT_FALSE(compared(recorded_run(), slower).same);
    EXPECT_TRUE(compared(recorded_run(), slower, Times::ignored).same);
}

TEST(TraceDiff, tells_settings_and_ends_apart) {
    const auto other_seed = compared(recorded_run(), recorded_run({.seed = 3}));
    EXPECT_FALSE(other_seed.same);
    EXPECT_THAT(other_seed.text, StartsWith("- seed 0\n+ seed 3\n"));
    const auto trace = recorded_run();
    const auto shorter = compared(trace, trace.substr(0, trace.size() / 2));
    EXPECT_FALSE(shorter.same);
    EXPECT_THAT(shorter.text, HasSubstr("+ the trace ends at offset"));
    EXPECT_THAT(compared(trace, "nothing").text, StartsWith("second: not a good trace"));
}

}  // namespace
}  // namespace simbroker::trace
