// A failure gets small, stays the same failure, and leaves files that show it.
#include "simbroker/explore/shrink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "simbroker/drive/replay.hpp"
#include "simbroker/explore/test_mutant.hpp"
#include "simbroker/explore/workload.hpp"

namespace simbroker::explore {
namespace {

// Forgets how much a consumer wants.
class Hasty final : public Mutant {
    using Mutant::Mutant;
    void from_client(ConnectionId, Units& units) override {
        for (auto& unit : units) {
            if (unit.as<codec::amqp091::basic::Qos>()) unit.become(codec::amqp091::basic::Qos{});
        }
    }
};

const RunOptions hasty{.machine = [](const BrokerConfig& config, Seed seed) -> std::unique_ptr<Machine> {
    return std::make_unique<Hasty>(config, seed);
}};

std::size_t steps_of(const Plan& plan) {
    std::size_t count = 0;
    for (const auto& client : plan.clients) count += client.steps.size();
    return count;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Plan failing_plan() {
    for (Seed seed = 1; seed < 50; ++seed) {
        auto plan = draw({}, seed);
        if (run(plan, hasty).finding) return plan;
    }
    return {};
}

TEST(Shrinking, leaves_what_the_failure_needs) {
    const auto plan = failing_plan();
    const auto shrunk = shrink(plan, {.run = hasty, .most_runs = 400});
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(shrunk->finding.invariant, "prefetch");
    // One who publishes, one who consumes; no mishap has to do with it.
    EXPECT_EQ(shrunk->plan.clients.size(), 2U);
    EXPECT_EQ(shrunk->plan.queues.size(), 1U);
    EXPECT_LE(steps_of(shrunk->plan), 3U);
    EXPECT_THAT(shrunk->plan.mishaps, testing::IsEmpty());
    EXPECT_EQ(run(shrunk->plan, hasty).finding, shrunk->finding);
    EXPECT_FALSE(shrink(shrunk->plan)) << "the broker as it is has no such mistake";
}

TEST(Shrinking, writes_a_plan_a_trace_and_a_test) {
    const auto shrunk = shrink(failing_plan(), {.run = hasty, .most_runs = 50});
    ASSERT_TRUE(shrunk);
    const auto directory = std::filesystem::path(testing::TempDir()) / "shrinking" / "made on the way";
    const auto files = write_reproduction(directory, *shrunk, hasty);
    ASSERT_TRUE(files) << files.error();
    ASSERT_EQ(files->size(), 3U);
    EXPECT_EQ(plan_from_json(text_of((*files)[0])), shrunk->plan);
    const auto replayed = drive::replay((*files)[1]);
    ASSERT_TRUE(replayed) << to_string(replayed.error());
    EXPECT_GT(replayed->inputs, 0U);
    EXPECT_THAT(text_of((*files)[2]), testing::HasSubstr("simbroker.run_plan"));
    EXPECT_FALSE(write_reproduction((*files)[0] / "below a file", *shrunk));
    std::filesystem::remove_all(directory.parent_path());
}

}  // namespace
}  // namespace simbroker::explore
