#include "conformance/runner/suite.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/simulated_run.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/traced_broker.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/replay.hpp"

namespace conformance::runner {
namespace {

using catalogue::Scenario;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(RunSuite, GivesEachScenarioAStageAndANameOfItsOwn) {
    const auto scenario = testing::scenario_of(
        "  - open_channel: 1\n  - send: {queue.declare: {queue: $id, durable: true}}\n  - expect: {queue.declare-ok: "
        "{queue: \"/run.[12]/\"}}\n"
    );
    const std::vector<const Scenario*> twice{&scenario, &scenario};
    int stages = 0;
    const auto results = run_suite(
        twice,
        {.run_case = run_once_on([&](const StageOptions&) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
             ++stages;
             return std::make_unique<SimulatedStage>(
                 std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{}, 1), step::Login{}
             );
         }),
         .prefix = "run"}
    );
    EXPECT_EQ(stages, 2);
    EXPECT_EQ(count(results, Verdict::pass), 2U) << results[0].message;
    EXPECT_TRUE(all_as_expected(results));
}

TEST(RunSuite, IsInconclusiveWithoutAStage) {
    const auto scenario = testing::scenario_of("  - open_channel: 1\n");
    const std::vector<const Scenario*> one{&scenario};
    const auto results = run_suite(
        one,
        {.run_case = run_once_on([](const StageOptions&) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
             return std::unexpected("no shim");
         }),
         .prefix = "run"}
    );
    EXPECT_EQ(testing::outcome(results.at(0)), "inconclusive: no shim");
    EXPECT_FALSE(all_as_expected(results));
}

StageMaker simulated_stages() {
    return [](const StageOptions& options) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
        return std::make_unique<SimulatedStage>(traced_broker({}, options), step::Login{});
    };
}

// Three that pass and one that does not, in this order.
struct Four {
    std::vector<Scenario> scenarios;
    std::vector<const Scenario*> all;

    Four() {
        for (int i = 0; i < 4; ++i) {
            const auto* wrong = "  - expect: tx.commit-ok\n";
            scenarios.push_back(testing::scenario_of(std::string("  - open_channel: 1\n") + (i == 2 ? wrong : "")));
            scenarios.back().id = fmt::format("number-{}[{}]", i, i);
        }
        for (const auto& each : scenarios) all.push_back(&each);
    }
};

std::vector<Verdict> verdicts(const std::vector<Result>& results) {
    std::vector<Verdict> all;
    for (const auto& result : results) all.push_back(result.verdict);
    return all;
}

TEST(RunSuite, GivesResultsInOrderHoweverManyRunAtATime) {
    const Four four;
    std::vector<std::string> ended;
    const auto results = run_suite(
        four.all,
        {.run_case = run_once_on(simulated_stages()),
         .prefix = "run",
         .jobs = 3,
         .on_result = [&](const Result& result) { ended.push_back(result.scenario->id); }}
    );
    EXPECT_THAT(verdicts(results), ElementsAre(Verdict::pass, Verdict::pass, Verdict::fail, Verdict::pass));
    EXPECT_EQ(results.at(2).scenario, four.all[2]);
    EXPECT_THAT(ended, UnorderedElementsAre("number-0[0]", "number-1[1]", "number-2[2]", "number-3[3]"));
}

TEST(RunSuite, OnOneBrokerForAllWhoTurnsItsKnobsRunsAlone) {
    Four four;
    four.scenarios[0].steps[0].verb = "repeat";
    four.scenarios[0].steps[0].steps = {{{}, "operate", {}, {}, {}}};
    std::vector<std::string> begun;
    const auto results = run_suite(
        four.all,
        {.run_case = run_once_on([](const StageOptions&) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
             return std::unexpected("none");
         }),
         .prefix = "run",
         .jobs = 2,
         .sharing = Sharing::one_for_all,
         .on_begin = [&](const Scenario& scenario) { begun.push_back(scenario.id); }}
    );
    ASSERT_EQ(begun.size(), 4U);
    EXPECT_EQ(begun.back(), "number-0[0]");
}

TEST(RunSuite, LeavesOutWhatIsNotBegunWhenItIsOver) {
    const Four four;
    int ended = 0;
    const auto results = run_suite(
        four.all,
        {.run_case = run_once_on(simulated_stages()),
         .prefix = "run",
         .is_over = [&] { return ended == 2; },
         .on_result = [&](const Result&) { ++ended; }}
    );
    EXPECT_THAT(verdicts(results), ElementsAre(Verdict::pass, Verdict::pass));
}

TEST(RunSuite, WhatIsNotAsExpectedLeavesATraceThatReplays) {
    const auto folder = std::filesystem::path(::testing::TempDir()) / "suite_test.traces";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const Four four;
    const auto results = run_suite(
        four.all, {.run_case = run_once_on(simulated_stages()), .prefix = "run", .seed = 7, .traces = folder}
    );
    std::vector<std::string> left;
    for (const auto& file : std::filesystem::directory_iterator(folder)) left.push_back(file.path().filename());
    EXPECT_THAT(left, ElementsAre("number-2@2.trace"));
    EXPECT_EQ(results.at(2).trace, (folder / left.at(0)).string());
    EXPECT_EQ(results.at(0).trace, "");
    const auto report = simbroker::drive::replay(folder / left.at(0));
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->difference);
    EXPECT_FALSE(report->cut_short);
    EXPECT_GT(report->output_octets, 0U);
    std::filesystem::remove_all(folder);
}

TEST(TraceName, IsOneFileForEachScenario) {
    Scenario scenario;
    scenario.id = "routing.topic[a/#.b c]";
    EXPECT_EQ(trace_name(scenario), "routing.topic@a=2f=23.b=20c.trace");
}

// Same configuration, same seed, same octets: everything that was said, in a failing scenario's transcript.
TEST(RunSuite, InVirtualTimeEveryRunIsTheSame) {
    const auto scenario = testing::scenario_of(
        "  - open_channel: 1\n  - send: {queue.declare: {exclusive: true}}\n  - expect: queue.declare-ok\n  - advance: "
        "3h\n  - expect: heartbeat\n",
        "connection: {heartbeat: 10}"
    );
    const auto once = testing::run_simulated(scenario);
    const auto again = testing::run_simulated(scenario);
    EXPECT_EQ(once.verdict, again.verdict);
    EXPECT_EQ(once.transcript, again.transcript);
    EXPECT_EQ(once.took, again.took);
}

}  // namespace
}  // namespace conformance::runner
