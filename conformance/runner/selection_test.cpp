#include "conformance/runner/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conformance::runner {
namespace {

using catalogue::Level;
using catalogue::Role;
using catalogue::Scenario;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Scenario named(const char* id, Role role, Level level, std::vector<std::string> clauses = {}) {
    Scenario scenario;
    scenario.at.file = "scenarios/extension/broker/dead_letter.yaml";
    scenario.id = id;
    scenario.under_test = role;
    scenario.level = level;
    scenario.clauses = std::move(clauses);
    return scenario;
}

const std::vector<Scenario>& all() {
    static const std::vector<Scenario> scenarios{
        named("queue.declare[a]", Role::broker, Level::must, {"091/queue.declare.passive"}),
        named("queue.declare[b]", Role::broker, Level::should),
        named("queue.purge", Role::broker, Level::must, {"091/basic.ack.multiple", "091/doc-tx-select"}),
        named("client.connect", Role::client, Level::must),
    };
    return scenarios;
}

std::vector<std::string> chosen(const Selection& selection) {
    std::vector<std::string> ids;
    for (const auto* scenario : choose(all(), Role::broker, selection)) ids.push_back(scenario->id);
    return ids;
}

TEST(Choose, TakesTheRolesScenarios) {
    EXPECT_THAT(chosen({}), ElementsAre("queue.declare[a]", "queue.declare[b]", "queue.purge"));
}

TEST(Choose, TakesIdsGlobsAndIdsWithoutTheirCase) {
    EXPECT_THAT(chosen({.select = {"queue.declare"}}), ElementsAre("queue.declare[a]", "queue.declare[b]"));
    EXPECT_THAT(chosen({.select = {"queue.declare[b]"}}), ElementsAre("queue.declare[b]"));
    EXPECT_THAT(chosen({.select = {"*.purge", "*[a]"}}), ElementsAre("queue.declare[a]", "queue.purge"));
}

TEST(Choose, SkipsAndTakesLevels) {
    EXPECT_THAT(chosen({.skip = {"queue.declare"}}), ElementsAre("queue.purge"));
    EXPECT_THAT(chosen({.levels = {Level::should}}), ElementsAre("queue.declare[b]"));
}

TEST(Choose, TakesFamiliesOfClausesIdsAndFiles) {
    EXPECT_THAT(chosen({.families = {"basic"}}), ElementsAre("queue.purge"));
    EXPECT_THAT(chosen({.families = {"tx"}}), ElementsAre("queue.purge"));
    EXPECT_THAT(chosen({.families = {"queue"}}), ElementsAre("queue.declare[a]", "queue.declare[b]", "queue.purge"));
    EXPECT_THAT(chosen({.skip = {"*.declare"}, .families = {"dead-letter"}}), ElementsAre("queue.purge"));
}

TEST(Choose, TakesClausesAndGlobsOfThem) {
    EXPECT_THAT(chosen({.clauses = {"091/basic.ack.*"}}), ElementsAre("queue.purge"));
    EXPECT_THAT(chosen({.clauses = {"091/queue.declare.passive"}}), ElementsAre("queue.declare[a]"));
}

TEST(Choose, TakesWhatFitsEveryOption) {
    EXPECT_THAT(
        chosen({.levels = {Level::must}, .clauses = {"091/*"}}), ElementsAre("queue.declare[a]", "queue.purge")
    );
    EXPECT_THAT(chosen({.levels = {Level::should}, .clauses = {"091/*"}}), IsEmpty());
}

TEST(SelectionError, NamesTheSlipAndWhatWasMeant) {
    const auto error = [](const Selection& selection) {
        return selection_error(all(), Role::broker, selection).value_or("");
    };
    EXPECT_EQ(error({.select = {"queue.*"}, .skip = {"queue.purge"}, .families = {"basic"}}), "");
    EXPECT_EQ(
        error({.select = {"queue.decalre"}}),
        "--select: 'queue.decalre' fits no scenario of role broker; did you mean 'queue.declare'?"
    );
    EXPECT_EQ(error({.skip = {"client.connect"}}), "--skip: 'client.connect' fits no scenario of role broker");
    EXPECT_EQ(
        error({.families = {"dead_letter"}}),
        "--family: 'dead_letter' fits no scenario of role broker; did you mean 'dead-letter'?"
    );
    EXPECT_EQ(
        error({.clauses = {"091/basic.ack.multipel"}}),
        "--clause: '091/basic.ack.multipel' fits no scenario of role broker; did you mean '091/basic.ack.multiple'?"
    );
}

}  // namespace
}  // namespace conformance::runner
