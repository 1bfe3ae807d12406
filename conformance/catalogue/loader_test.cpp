#include "conformance/catalogue/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "conformance/catalogue/family.hpp"

namespace conformance::catalogue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LoaderTest : public testing::Test {
protected:
    LoaderTest() {
        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::path(testing::TempDir()) / ("loader_test." + std::string(info->name()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_ / "scenarios");
        write("requirements.yaml", "- {id: 091/a, role: server, level: MUST, clause: '1.1', statement: The rule.}\n");
    }
    ~LoaderTest() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& file, const std::string& text) { std::ofstream(folder_ / file) << text; }

    Catalogue load() { return load_catalogue({folder_ / "scenarios", folder_ / "requirements.yaml"}); }

    // The errors about one file of scenarios.
    std::vector<std::string> errors_of(const std::string& text) {
        write("scenarios/x.yaml", text);
        std::vector<std::string> errors;
        for (const auto& error : load().errors) errors.push_back(to_string(error));
        return errors;
    }

    // The errors about a scenario with these steps, which begin at line 6.
    std::vector<std::string> errors_of_steps(const std::string& steps, const std::string& role = "broker") {
        return errors_of("id: x\nunder_test: " + role + "\nlevel: MUST\nclauses: [091/a]\nsteps:\n" + steps);
    }

    std::filesystem::path folder_;
};

TEST_F(LoaderTest, ReadsEveryField) {
    write("scenarios/x.yaml", R"(
id: basic.x
title: a title
under_test: broker
level: SHOULD
clauses: [091/a]
families: [HB, CL]
notes: why
requires: [publisher_confirms]
connection: {heartbeat: 2}
cleanup: {queues: ["$id"]}
leftovers: allowed
steps:
  - open_channel: 1
  - expect: {basic.ack: {delivery_tag: 1}}
    within: 2s
)");
    const auto catalogue = load();
    ASSERT_THAT(catalogue.errors, IsEmpty());
    ASSERT_THAT(catalogue.scenarios, SizeIs(1));
    const auto& scenario = catalogue.scenarios[0];
    EXPECT_EQ(scenario.id, "basic.x");
    EXPECT_EQ(scenario.at, (Location{"scenarios/x.yaml", 2}));
    EXPECT_EQ(scenario.title, "a title");
    EXPECT_EQ(scenario.under_test, Role::broker);
    EXPECT_EQ(scenario.level, Level::should);
    EXPECT_THAT(scenario.clauses, ElementsAre("091/a"));
    EXPECT_THAT(scenario.families, ElementsAre("HB", "CL"));
    EXPECT_THAT(families_of(scenario), ElementsAre("HB", "CL", "basic", "x"));
    EXPECT_EQ(scenario.notes, "why");
    EXPECT_THAT(scenario.requires_, ElementsAre("publisher_confirms"));
    EXPECT_EQ(scenario.connection, (nlohmann::json{{"heartbeat", 2}}));
    EXPECT_THAT(scenario.cleanup.queues, ElementsAre("$id"));
    EXPECT_EQ(scenario.leftovers, Leftovers::allowed);
    ASSERT_THAT(scenario.steps, SizeIs(2));
    EXPECT_EQ(scenario.steps[1].verb, "expect");
    EXPECT_EQ(scenario.steps[1].at, (Location{"scenarios/x.yaml", 15}));
    EXPECT_EQ(scenario.steps[1].modifiers, (nlohmann::json{{"within", "2s"}}));
}

TEST_F(LoaderTest, KnowsTheFamiliesThatMayBeNamed) {
    EXPECT_THAT(
        errors_of(
            "id: x\nunder_test: client\nlevel: MUST\nclauses: [091/a]\nfamilies: [HB, HX]\nsteps: [{wire: whole}]\n"
        ),
        ElementsAre(HasSubstr("x.yaml:5: families: 'HX' is no family; expected some of HS, FR, TB"))
    );
}

TEST_F(LoaderTest, MakesAScenarioOfEachCase) {
    write("scenarios/x.yaml", R"(
id: one
under_test: broker
level: MUST
clauses: [091/a]
parameters: {type: [direct, fanout]}
steps: [{send: {exchange.declare: {exchange: $id, type: $type}}}]
---
id: two
under_test: broker
level: MUST
clauses: [091/a]
parameters: [{case: small, size: 1}, {size: 99999}]
steps: [{send: {basic.ack: {delivery_tag: $size}}}]
)");
    const auto catalogue = load();
    ASSERT_THAT(catalogue.errors, IsEmpty());
    std::vector<std::string> ids;
    for (const auto& scenario : catalogue.scenarios) ids.push_back(scenario.id);
    EXPECT_THAT(ids, ElementsAre("one[direct]", "one[fanout]", "two[small]", "two[99999]"));
    EXPECT_EQ(catalogue.scenarios[3].parameters, (nlohmann::json{{"size", 99999}}));
}

TEST_F(LoaderTest, SaysWhichFieldIsWrongAndWhere) {
    EXPECT_THAT(
        errors_of("id: x\nlevl: MUST\n"),
        testing::Contains(HasSubstr("scenarios/x.yaml:2: unknown field 'levl'; expected id"))
    );
    EXPECT_THAT(errors_of("id: x\n"), testing::Contains(HasSubstr("scenarios/x.yaml:1: the field 'steps' is missing")));
    EXPECT_THAT(errors_of("id: X y\n"), testing::Contains(HasSubstr(":1: id: 'X y' is not lower-case")));
    EXPECT_THAT(errors_of("level: must\n"), testing::Contains(HasSubstr("level: expected MUST, SHOULD, MAY")));
    EXPECT_THAT(errors_of("- a\n"), ElementsAre(HasSubstr("scenarios/x.yaml:1: expected a scenario")));
    EXPECT_THAT(errors_of("id: [\n"), ElementsAre(HasSubstr("is not YAML")));
    EXPECT_THAT(errors_of("id: x\nid: y\n"), testing::Contains(HasSubstr(":2: the field 'id' is repeated")));
}

TEST_F(LoaderTest, KnowsTheClauses) {
    const std::string rest = "id: x\nunder_test: broker\nsteps: [{open_channel: 1}]\n";
    EXPECT_THAT(
        errors_of(rest + "level: MUST\nclauses: [091/b]\n"),
        ElementsAre(HasSubstr(":5: no requirement has the id '091/b'"))
    );
    EXPECT_THAT(errors_of(rest + "level: MUST\n"), ElementsAre(HasSubstr("'clauses' is missing")));
    EXPECT_THAT(errors_of(rest + "level: ROBUST\n"), ElementsAre(HasSubstr("ROBUST scenario needs notes")));
    EXPECT_THAT(errors_of(rest + "level: ROBUST\nnotes: a defect\n"), IsEmpty());
}

TEST_F(LoaderTest, ChecksHowTheBrokerIsToBeConfigured) {
    const auto errors = [&](const std::string& broker, const std::string& role) {
        return errors_of(
            "id: x\nunder_test: " + role + "\nlevel: MUST\nclauses: [091/a]\nbroker: " + broker +
            "\nsteps: [{open_channel: 1}]\n"
        );
    };
    EXPECT_THAT(errors("{profile: rabbitmq-4.3, deprecated_features: deny}", "broker"), IsEmpty());
    EXPECT_THAT(errors("{max_memory: much}", "broker"), ElementsAre(HasSubstr(":5: broker: max_memory: expected")));
    EXPECT_THAT(errors("[]", "broker"), ElementsAre(HasSubstr(":5: broker: configuration: expected")));
    EXPECT_THAT(
        errors("{max_memory: 1}", "client"), testing::Contains(HasSubstr(":5: the broker is configured where"))
    );
}

TEST_F(LoaderTest, RefusesAnIdThatIsTaken) {
    const std::string text = "id: x\nunder_test: broker\nlevel: MUST\nclauses: [091/a]\nsteps: [{open_channel: 1}]\n";
    EXPECT_THAT(
        errors_of(text + "---\n" + text), ElementsAre("scenarios/x.yaml:7: the id 'x' is taken by scenarios/x.yaml:1")
    );
}

TEST_F(LoaderTest, SaysWhichStepIsWrongAndWhere) {
    EXPECT_THAT(
        errors_of_steps("  - sent: tx.select\n"),
        ElementsAre(HasSubstr("scenarios/x.yaml:6: unknown verb 'sent'; expected send,"))
    );
    EXPECT_THAT(
        errors_of_steps("  - send: tx.select\n    wihtin: 5s\n"),
        ElementsAre(HasSubstr(":6: send: send takes no 'wihtin'"))
    );
    EXPECT_THAT(
        errors_of_steps("  - send: tx.select\n    expect: tx.select-ok\n"),
        testing::Contains(HasSubstr("two verbs in one step"))
    );
    EXPECT_THAT(
        errors_of_steps("  - open_channel: 1\n  - send: {tx.selekt: {}}\n"), ElementsAre(HasSubstr(":7: send: "))
    );
    EXPECT_THAT(errors_of_steps("  - send: {basic.ack: {tag: 1}}\n"), ElementsAre(HasSubstr("tag")));
    EXPECT_THAT(
        errors_of_steps("  - expect: {basic.ack: {tag: 1}}\n"),
        ElementsAre(HasSubstr("basic.ack has no field 'tag'; its fields: delivery_tag, multiple"))
    );
    EXPECT_THAT(
        errors_of_steps("  - expect: {basic.deliver: {}, properties: {colour: red}}\n"),
        ElementsAre(HasSubstr("no field 'colour'"))
    );
    EXPECT_THAT(errors_of_steps("  - expect_close: slowly\n"), ElementsAre(HasSubstr("expected {connection.close")));
    EXPECT_THAT(errors_of_steps("  - advance: 5\n"), ElementsAre(HasSubstr("expected one such as 150ms")));
    EXPECT_THAT(errors_of_steps("  - connect: {nam: x}\n"), ElementsAre(HasSubstr("unknown option 'nam'")));
    EXPECT_THAT(
        errors_of_steps("  - send: {queue.declare: {queue: $nme}}\n"), ElementsAre(HasSubstr("no variable $nme"))
    );
    EXPECT_THAT(errors_of_steps("  - ask: connect\n"), ElementsAre(HasSubstr("only where under_test is client")));
    EXPECT_THAT(
        errors_of_steps("  - repeat: {times: 2, steps: [{sent: x}]}\n"), ElementsAre(HasSubstr("unknown verb 'sent'"))
    );
    EXPECT_THAT(errors_of_steps("  []\n"), testing::Contains(HasSubstr("expected a list of steps")));
}

TEST_F(LoaderTest, SaysWhatIsWrongWithStepsOfTheRoleClient) {
    const auto errors = [&](const std::string& steps) { return errors_of_steps(steps, "client"); };
    EXPECT_THAT(
        errors("  - ask: {queue.declair: {}}\n"), ElementsAre(HasSubstr("expected an operation of the shim contract"))
    );
    EXPECT_THAT(
        errors("  - observe: basic.delivery\n"), ElementsAre(HasSubstr("expected an event of the shim contract"))
    );
    EXPECT_THAT(
        errors("  - ask: connect\n    error: {kind: broken}\n"), ElementsAre(HasSubstr("\"broken\" is no kind"))
    );
    EXPECT_THAT(
        errors("  - ask: connect\n    error: {}\n    result: {}\n"), ElementsAre(HasSubstr("exclude each other"))
    );
    EXPECT_THAT(errors("  - fault: {when: {to: client}, do: explode}\n"), ElementsAre(HasSubstr("there are drop")));
    EXPECT_THAT(errors("  - connect: {}\n"), ElementsAre(HasSubstr("only where under_test is broker")));
}

TEST_F(LoaderTest, KnowsVariablesFromTheStepThatSavesThem) {
    const std::string use = "  - send: {queue.delete: {queue: $q}}\n";
    const std::string save = "  - expect: queue.declare-ok\n    save: {q: queue}\n";
    EXPECT_THAT(errors_of_steps(save + use), IsEmpty());
    EXPECT_THAT(errors_of_steps(use + save), ElementsAre(HasSubstr("no variable $q")));
    EXPECT_THAT(
        errors_of_steps("  - open_channel: 1\ncleanup: {queues: [$idd]}\nparameters: {x: [$y]}\n"),
        ElementsAre(HasSubstr(":1: parameters: no variable $y"), HasSubstr(":1: cleanup: no variable $idd"))
    );
}

TEST_F(LoaderTest, RefusesRequirementsItDoesNotUnderstand) {
    write(
        "requirements.yaml",
        "- {id: 091/a, statement: x, colour: red}\n"
        "- {id: 091/b, role: server, level: MUST, clause: '1'}\n"
        "- {id: 091/c, role: server, level: MUST, clause: '1', statement: x}\n"
        "- {id: 091/c, role: server, level: MUST, clause: '1', statement: y}\n"
    );
    std::vector<std::string> errors;
    for (const auto& error : load().errors) errors.push_back(to_string(error));
    EXPECT_THAT(
        errors,
        ElementsAre(
            HasSubstr("requirements.yaml:1: unknown field 'colour'"),
            HasSubstr("requirements.yaml:2: the field 'statement' is missing"),
            HasSubstr("requirements.yaml:4: the id '091/c' is given twice")
        )
    );
}

TEST(TheCatalogue, LoadsWithoutAMistake) {
    const auto catalogue = load_catalogue({"scenarios", "conformance/catalogue/requirements.yaml"});
    for (const auto& error : catalogue.errors) ADD_FAILURE() << to_string(error);
    EXPECT_GE(catalogue.scenarios.size(), 40U);
    EXPECT_GE(catalogue.requirements.size(), 241U);
}

TEST(Glob, KnowsStarAndQuestionMark) {
    EXPECT_TRUE(matches_glob("queue.*", "queue.declare.x"));
    EXPECT_TRUE(matches_glob("*.declare*", "queue.declare.x"));
    EXPECT_TRUE(matches_glob("a?c", "abc"));
    EXPECT_FALSE(matches_glob("a?c", "ac"));
    EXPECT_FALSE(matches_glob("queue", "queue.declare"));
    EXPECT_TRUE(matches_glob("x[1]", "x[1]"));
}

}  // namespace
}  // namespace conformance::catalogue
