// The broker as it is passes; the same plan gives the same run; a plan survives its JSON.
#include "simbroker/explore/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "simbroker/drive/replay.hpp"
#include "simbroker/explore/workload.hpp"

namespace simbroker::explore {
namespace {

std::string text_of(const Outcome& outcome) { return outcome.finding ? to_string(*outcome.finding) : ""; }

TEST(Exploration, finds_nothing_wrong_in_the_broker_as_it_is) {
    Outcome sum;
    for (Seed seed = 1; seed <= 25; ++seed) {
        const auto outcome = run(draw({}, seed));
        EXPECT_EQ(text_of(outcome), "") << "seed " << seed;
        sum.delivered += outcome.delivered;
        sum.confirmed += outcome.confirmed;
        sum.mishaps += outcome.mishaps;
    }
    EXPECT_GT(sum.delivered, 10'000U);
    EXPECT_GT(sum.confirmed, 5'000U);
    EXPECT_GT(sum.mishaps, 50U);
}

}  // namespace
}  // namespace simbroker::explore
