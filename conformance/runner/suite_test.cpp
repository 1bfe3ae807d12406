#include "conformance/runner/suite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/simulated_run.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::runner {
namespace {

using catalogue::Level;
using catalogue::Role;
using catalogue::Scenario;
using ::testing::ElementsAre;

Scenario named(const char* id, Role role, Level level) {
    Scenario scenario;
    scenario.id = id;
    scenario.under_test = role;
    scenario.level = level;
    return scenario;
}

std::vector<std::string> chosen(const Selection& selection) {
    static const std::vector<Scenario> all{
        named("queue.declare[a]", Role::broker, Level::must),
        named("queue.declare[b]", Role::broker, Level::should),
        named("queue.purge", Role::broker, Level::must),
        named("client.connect", Role::client, Level::must),
    };
    std::vector<std::string> ids;
    for (const auto* scenario : choose(all, Role::broker, selection)) ids.push_back(scenario->id);
    return ids;
}

TEST(Choose, TakesTheRolesScenarios) {
    EXPECT_THAT(chosen({}), ElementsAre("queue.declare[a]", "queue.declare[b]", "queue.purge"));
}

TEST(Choose, TakesIdsGlobsAndIdsWithoutTheirCase) {
    EXPECT_THAT(
        chosen({.select = {"queue.declare"}, .skip = {}, .levels = {}}),
        ElementsAre("queue.declare[a]", "queue.declare[b]")
    );
    EXPECT_THAT(chosen({.select = {"queue.declare[b]"}, .skip = {}, .levels = {}}), ElementsAre("queue.declare[b]"));
    EXPECT_THAT(
        chosen({.select = {"*.purge", "*[a]"}, .skip = {}, .levels = {}}),
        ElementsAre("queue.declare[a]", "queue.purge")
    );
}

TEST(Choose, SkipsAndTakesLevels) {
    EXPECT_THAT(chosen({.select = {}, .skip = {"queue.declare"}, .levels = {}}), ElementsAre("queue.purge"));
    EXPECT_THAT(chosen({.select = {}, .skip = {}, .levels = {Level::should}}), ElementsAre("queue.declare[b]"));
}

TEST(RunSuite, GivesEachScenarioAStageAndANameOfItsOwn) {
    const auto scenario = testing::scenario_of(
        "  - open_channel: 1\n  - send: {queue.declare: {queue: $id, durable: true}}\n  - expect: {queue.declare-ok: "
        "{queue: \"/run.[12]/\"}}\n"
    );
    const std::vector<const Scenario*> twice{&scenario, &scenario};
    int stages = 0;
    const auto results = run_suite(
        twice,
        {.make_stage = [&]() -> std::expected<std::unique_ptr<step::Stage>, std::string> {
             ++stages;
             return std::make_unique<SimulatedStage>(
                 std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{}, 1), step::Login{}
             );
         },
         .deviations = {},
         .prefix = "run",
         .on_begin = {},
         .on_result = {}}
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
        {.make_stage = []() -> std::expected<std::unique_ptr<step::Stage>, std::string> {
             return std::unexpected("no shim");
         },
         .deviations = {},
         .prefix = "run",
         .on_begin = {},
         .on_result = {}}
    );
    EXPECT_EQ(testing::outcome(results.at(0)), "inconclusive: no shim");
    EXPECT_FALSE(all_as_expected(results));
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
