// The broker as it is passes; the same plan gives the same run; plans and workloads survive their files.
#include "simbroker/explore/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "simbroker/core/broker.hpp"
#include "simbroker/drive/replay.hpp"
#include "simbroker/explore/sweep.hpp"
#include "simbroker/explore/workload.hpp"

namespace simbroker::explore {
namespace {

using testing::HasSubstr;

std::string text_of(const Outcome& outcome) { return outcome.finding ? to_string(*outcome.finding) : ""; }

TEST(Exploration, finds_nothing_wrong_in_the_broker_as_it_is) {
    Outcome sum;
    for (const auto& outcome : sweep({}, {1, 12}, {.jobs = 2})) {
        EXPECT_EQ(text_of(outcome), "") << "simbroker explore --seeds " << outcome.seed;
        sum.delivered += outcome.delivered;
        sum.confirmed += outcome.confirmed;
        sum.mishaps += outcome.mishaps;
    }
    EXPECT_GT(sum.delivered, 3'000U);
    EXPECT_GT(sum.confirmed, 2'000U);
    EXPECT_GT(sum.mishaps, 20U);
}

TEST(Exploration, of_every_profile_passes) {
    for (const auto* profile : explorable_profiles()) {
        Workload workload;
        workload.profile = profile->name;
        for (const auto& outcome : sweep(workload, {101, 103})) {
            EXPECT_EQ(text_of(outcome), "")
                << "simbroker explore --seeds " << outcome.seed << " --profile " << profile->name;
        }
    }
}

TEST(Exploration, is_the_same_run_for_the_same_plan) {
    const auto twice = sweep({}, {1, 4}, {.jobs = 2, .repeat = Repeat::twice});
    const auto once = sweep({}, {1, 4});
    EXPECT_EQ(twice, once);
    EXPECT_NE(once[0].hash, once[1].hash);
}

TEST(Exploration, says_when_a_second_run_is_not_like_the_first) {
    int runs = 0;
    RunOptions options{.machine = [&](const BrokerConfig& config, Seed seed) {
        return std::make_unique<Broker>(config, seed + static_cast<Seed>(++runs));  // its names differ
    }};
    const auto outcomes = sweep({}, {1, 10}, {.repeat = Repeat::twice, .run = options});
    EXPECT_TRUE(std::ranges::any_of(outcomes, [](const Outcome& outcome) {
        return outcome.finding && outcome.finding->invariant == "deterministic";
    }));
}

TEST(Exploration, leaves_a_trace_that_replays) {
    std::stringstream trace;
    const auto outcome = run(draw({}, 5), {.trace = &trace});
    const auto report = drive::replay(trace);
    ASSERT_TRUE(report) << to_string(report.error());
    EXPECT_EQ(report->difference, std::nullopt);
    EXPECT_EQ(report->hash, outcome.hash);
}

TEST(Plan, survives_its_json) {
    const auto plan = draw({}, 9);
    const auto again = plan_from_json(to_json(plan));
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ(*again, plan);
}

TEST(Plan, tells_the_path_of_a_mistake) {
    EXPECT_EQ(
        plan_from_json(R"({"clients":[{"number":1,"role":"juggler"}]})").error(),
        "a plan: clients[0].role: is \"juggler\"; expected one of publisher, consumer, transactor, requester, "
        "responder, getter, churner"
    );
    EXPECT_THAT(plan_from_json(R"({"sed":1})").error(), HasSubstr("sed: is not known; expected calm, "));
    EXPECT_THAT(plan_from_json("{").error(), HasSubstr("expected JSON"));
    EXPECT_THAT(
        plan_from_json(R"({"clients":[{"number":1,"role":"getter","queues":["q"]}]})").error(), HasSubstr("\"q\"")
    );
}

TEST(WorkloadFile, of_the_example_is_read) {
    const auto workload = workload_from_file("simbroker/explore/workload.example.yaml");
    ASSERT_TRUE(workload) << workload.error();
    EXPECT_EQ(workload->clients, 12U);
    EXPECT_EQ(workload->length, std::chrono::seconds(120));
    EXPECT_EQ(workload->mishaps[static_cast<std::size_t>(MishapKind::crash)], 4U);
}

TEST(WorkloadFile, tells_what_is_wrong) {
    EXPECT_THAT(workload_from_text("clients: many").error(), HasSubstr("clients: expected a whole number"));
    EXPECT_THAT(workload_from_text("client: 3").error(), HasSubstr("client: is not known"));
    EXPECT_THAT(workload_from_text("mishaps: {earthquake: 1}").error(), HasSubstr("mishaps.earthquake: is not known"));
    EXPECT_THAT(workload_from_text("profile: qpid").error(), HasSubstr("profile: is \"qpid\""));
    EXPECT_THAT(workload_from_text("a: [").error(), HasSubstr("the workload:1: is not YAML"));
    EXPECT_THAT(workload_from_text(R"({"clients": 3, "seconds": 5})").value().clients, 3U);
    EXPECT_FALSE(workload_from_file("no/such/file"));
}

TEST(SeedRange, is_one_or_from_to) {
    EXPECT_EQ(seed_range("7"), (SeedRange{7, 7}));
    EXPECT_EQ(seed_range("1..200")->count(), 200U);
    for (const auto* wrong : {"", "5..1", "a..b", "1..", "-1"}) EXPECT_FALSE(seed_range(wrong)) << wrong;
}

}  // namespace
}  // namespace simbroker::explore
