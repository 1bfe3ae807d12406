// The tests' own helpers (simulated_run.hpp), and what the language does: each verb seen to pass and seen to fail.
#include "conformance/runner/simulated_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/traced_broker.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace conformance::runner::testing {

std::string with_double_quotes(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return text;
}

catalogue::Scenario scenario_of(const std::string& steps, const std::string& fields) {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    const auto path =
        std::filesystem::path(::testing::TempDir()) / fmt::format("{}.{}.yaml", info->test_suite_name(), info->name());
    std::ofstream(path) << "id: x\nunder_test: broker\nlevel: ROBUST\nnotes: a test\n"
                        << fields << "\nsteps:\n"
                        << steps;
    std::vector<catalogue::LoadError> errors;
    auto scenarios = catalogue::load_scenarios(path, "test.yaml", {}, errors);
    std::filesystem::remove(path);
    for (const auto& error : errors) ADD_FAILURE() << to_string(error);
    return scenarios.empty() ? catalogue::Scenario{} : scenarios.front();
}

Result run_simulated(const catalogue::Scenario& scenario, const Rules& broken) {
    const simbroker::BrokerConfig config{.plugins = simbroker::extension::known_plugins()};
    std::unique_ptr<simbroker::Machine> machine =
        std::make_unique<simbroker::Broker>(configured(config, scenario.broker), 1);
    if (!broken.empty()) {
        simbroker::fault::FaultPlan plan;
        for (const auto& text : broken) {
            auto rule = simbroker::fault::rule_from_json(nlohmann::json::parse(with_double_quotes(text)));
            if (!rule) ADD_FAILURE() << text << ": " << to_string(rule.error());
            if (rule) plan.add(std::move(*rule));
        }
        machine = std::make_unique<simbroker::fault::Interceptor>(std::move(machine), std::move(plan));
    }
    SimulatedStage stage(std::move(machine), {});
    return run_scenario(stage, scenario, {.prefix = "test"});
}

std::string outcome(const Result& result) {
    std::string text(to_string(result.verdict));
    return result.message.empty() ? text : text + ": " + result.message;
}

const catalogue::Catalogue& the_catalogue() {
    static const auto catalogue = catalogue::load_catalogue({"scenarios", "conformance/catalogue/requirements.yaml"});
    return catalogue;
}

const catalogue::Scenario& scenario_named(const std::string& id) {
    static const catalogue::Scenario none;
    const auto& all = the_catalogue().scenarios;
    const auto found = std::ranges::find_if(all, [&](const catalogue::Scenario& scenario) {
        return scenario.id == id || scenario.id.starts_with(id + "[");
    });
    if (found != all.end()) return *found;
    ADD_FAILURE() << "no scenario has the id " << id;
    return none;
}

namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string run(const std::string& steps, const std::string& fields = {}) {
    return outcome(run_simulated(scenario_of(steps, fields)));
}

const std::string queue = R"(
  - open_channel: 1
  - send: {queue.declare: {queue: $id, exclusive: true}}
  - expect: {queue.declare-ok: {queue: $id, message_count: 0}}
)";
const std::string publish_hello =
    "\n  - send: {basic.publish: {routing_key: $id}, properties: {priority: 3}, body: hello}\n";
const std::string get = "\n  - send: {basic.get: {queue: $id, no_ack: true}}\n";

TEST(Language, ExpectComparesWhatIsNamed) {
    EXPECT_EQ(
        run(queue + publish_hello + get +
            "  - expect: {basic.get-ok: {message_count: 0}, properties: {priority: 3, expiration: null}, body: hello}\n"
        ),
        "pass"
    );
    EXPECT_THAT(
        run(queue + publish_hello + get + "  - expect: {basic.get-ok: {message_count: 7}}\n"),
        AllOf(StartsWith("fail: expected basic.get-ok"), HasSubstr("message_count"))
    );
    EXPECT_THAT(
        run(queue + publish_hello + get + "  - expect: {basic.get-ok: {}, body: hullo}\n"),
        HasSubstr("differ at octet 1")
    );
    EXPECT_THAT(
        run(queue + publish_hello + get + "  - expect: {basic.get-ok: {}, body: {size: 4}}\n"),
        HasSubstr("expected 4 octets, got 5")
    );
    EXPECT_THAT(
        run(queue + publish_hello + get + "  - expect: {basic.get-ok: {}, properties: {priority: null}}\n"),
        HasSubstr("priority")
    );
    EXPECT_EQ(run(queue + publish_hello + get + "  - expect: {basic.get-ok: {}, body: /h.*o/}\n"), "pass");
    EXPECT_THAT(run(queue + get + "  - expect: basic.get-ok\n"), HasSubstr("got channel 1: basic.get-empty"));
    EXPECT_THAT(run(queue + "  - expect: basic.get-ok\n    within: 2s\n"), HasSubstr("got nothing within 2s"));
}

TEST(Language, SaveGivesPartsToLaterSteps) {
    EXPECT_EQ(
        run(R"(
  - open_channel: 1
  - send: {queue.declare: {exclusive: true}}
  - expect: queue.declare-ok
    save: {q: queue}
  - send: {queue.declare: {queue: $q, passive: true}}
  - expect: {queue.declare-ok: {queue: $q}}
)"),
        "pass"
    );
}

TEST(Language, WhatNobodyExpectedIsAFailureUnlessAllowed) {
    const auto steps = queue + "  - send: {queue.purge: {queue: $id}}\n";
    EXPECT_THAT(
        run(steps), HasSubstr("afterwards: connection main: nothing more was expected, got channel 1: queue.purge-ok")
    );
    EXPECT_EQ(run(steps, "leftovers: allowed"), "pass");
}

TEST(Language, AnExpectedCloseIsAnsweredAndTheChannelUsableAgain) {
    const std::string missing = R"(
  - open_channel: 1
  - send: {queue.declare: {queue: $id, passive: true}}
  - expect: {channel.close: {reply_code: 404}}
)";
    EXPECT_EQ(run(missing + "  - open_channel: 1\n"), "pass");
    EXPECT_EQ(run(missing + "    reply: none\n  - send: channel.close-ok\n  - open_channel: 1\n"), "pass");
    EXPECT_THAT(run(missing + "    reply: none\n  - open_channel: 1\n"), StartsWith("fail"));
}

TEST(Language, HowThePeerClosesIsAVerdict) {
    const std::string bad = "  - send_bytes: {hex: '01 0000 00000000 00'}\n";
    EXPECT_EQ(run(bad + "  - expect_close: {connection.close: {reply_code: 501}}\n"), "pass");
    EXPECT_EQ(run(bad + "  - expect_close: any\n"), "pass");
    EXPECT_THAT(
        run(bad + "  - expect_close: abrupt\n"),
        HasSubstr("expected the end of the transport without a word, got channel 0: connection.close")
    );
    EXPECT_THAT(run(bad + "  - expect_close: {connection.close: {reply_code: 505}}\n"), HasSubstr("reply_code"));
    EXPECT_THAT(run("  - expect_close: any\n    within: 1s\n"), HasSubstr("got nothing within 1s"));
    const std::string raw = "  - connect: {name: raw, until: transport}\n  - send_bytes: HELOHELO\n    on: raw\n";
    EXPECT_EQ(run(raw + "  - expect_close: {protocol_header: [3, 1, 0, 0]}\n    on: raw\n"), "pass");
    EXPECT_THAT(
        run(raw + "  - expect_close: {protocol_header: [0, 0, 9, 1]}\n    on: raw\n"),
        HasSubstr("got the protocol header")
    );
}

TEST(Language, OneOfTakesTheFirstThatFits) {
    const auto steps = queue + get;
    EXPECT_EQ(run(steps + "  - expect_one_of: [{basic.get-ok: {}}, basic.get-empty]\n"), "pass");
    EXPECT_THAT(
        run(steps + "  - expect_one_of: [{basic.get-ok: {}}, {close: any}]\n"),
        HasSubstr("expected one of: basic.get-ok | the end of the connection, got channel 1: basic.get-empty")
    );
    EXPECT_EQ(run(queue + "  - expect_one_of: [{basic.get-ok: {}}, silence]\n    within: 1s\n"), "pass");
    EXPECT_THAT(run(steps + "  - expect_one_of: [silence, {basic.get-ok: {}}]\n"), StartsWith("fail"));
    EXPECT_EQ(
        run("  - send_bytes: {hex: '01 0000 00000000 00'}\n  - expect_one_of: [silence, {close: {connection.close: "
            "{reply_code: 501}}}]\n"),
        "pass"
    );
}

TEST(Language, AllTakesAnyOrderAndEachOnce) {
    const auto steps = queue + publish_hello +
                       "  - send: {basic.publish: {routing_key: $id}, body: there}\n  - send: {basic.consume: {queue: "
                       "$id, consumer_tag: c, no_ack: true}}\n  - expect: basic.consume-ok\n";
    EXPECT_EQ(
        run(steps + "  - expect_all: [{basic.deliver: {}, body: there}, {basic.deliver: {}, body: hello}]\n"), "pass"
    );
    EXPECT_THAT(
        run(steps + "  - expect_all: [{basic.deliver: {}, body: hello}, {basic.deliver: {}, body: hello}]\n"),
        HasSubstr("there")
    );
    EXPECT_THAT(
        run(steps + "  - expect_all: [{basic.deliver: {}}, {basic.deliver: {}}, {basic.deliver: {}}]\n"),
        HasSubstr("got nothing")
    );
}

TEST(Language, ConfirmsCountEachPublishingOnce) {
    const auto steps =
        queue + "  - send: confirm.select\n  - expect: confirm.select-ok\n" + publish_hello + publish_hello;
    EXPECT_EQ(run(steps + "  - expect_confirms: {ack: [1, 2]}\n"), "pass");
    EXPECT_THAT(
        run(steps + "  - expect_confirms: {ack: [1, 2, 3]}\n"),
        HasSubstr("expected confirms: ack [3] nack [], got nothing")
    );
    EXPECT_THAT(run(steps + "  - expect_confirms: {nack: [1, 2]}\n"), StartsWith("fail"));
}

TEST(Language, SilenceHasToLast) {
    EXPECT_EQ(run(queue + "  - expect_silence: 1h\n"), "pass");
    const auto expiring =
        "  - open_channel: [1, 2]\n  - send: {queue.declare: {queue: $id, arguments: {x-expires: 1000}}}\n  - expect: "
        "queue.declare-ok\n  - send: {basic.consume: {queue: $id, consumer_tag: c}}\n  - expect: basic.consume-ok\n";
    EXPECT_EQ(run(expiring + std::string("  - expect_silence: 5s\n")), "pass");
    const auto deleted =
        expiring + std::string("  - send: {queue.delete: {queue: $id, no_wait: true}}\n    channel: 2\n");
    EXPECT_THAT(run(deleted + "  - expect_silence: 5s\n"), HasSubstr("expected silence, got channel 1: basic.cancel"));
    EXPECT_EQ(
        run(deleted + "  - expect_silence: 5s\n    channel: 2\n  - expect: {basic.cancel: {consumer_tag: c}}\n"), "pass"
    );
    EXPECT_EQ(
        run(deleted +
            "  - expect_silence: {for: 5s, method: basic.deliver}\n  - expect: {basic.cancel: {consumer_tag: c}}\n"),
        "pass"
    );
}

TEST(Language, TimeAdvancesAndHeartbeatsAreSentUnlessForbidden) {
    EXPECT_EQ(run("  - connect: {name: other, heartbeat: 2}\n  - advance: 1h\n  - close: other\n"), "pass");
    EXPECT_EQ(
        run("  - connect: {name: other, heartbeat: 2, heartbeats: none}\n  - expect: heartbeat\n    on: other\n  - "
            "advance: 1h\n  - expect_close: abrupt\n    on: other\n"),
        "pass"
    );
}

TEST(Language, RepeatCountsAndTellsWhichRepetitionFailed) {
    EXPECT_EQ(
        run(queue +
            "  - repeat: {times: 3, as: i, steps: [{send: {basic.publish: {routing_key: $id}, body: $i th}}]}\n" + get +
            "  - expect: {basic.get-ok: {message_count: 2}, body: 1 th}\n"),
        "pass"
    );
    EXPECT_THAT(
        run(queue + "  - repeat: {times: 3, as: i, steps: [{send: tx.select}, {expect: tx.select-ok}, {expect: "
                    "tx.commit-ok}]}\n"),
        HasSubstr("(repetition 1 of 3, test.yaml:")
    );
}

TEST(Language, WrongFramesCanBeSent) {
    EXPECT_EQ(
        run(queue +
            "  - send_frame: {method: tx.select, end: 0}\n  - expect_close: {connection.close: {reply_code: 501}}\n"),
        "pass"
    );
    EXPECT_EQ(
        run(queue + "  - send_frame: {body: x}\n  - expect_close: {connection.close: {reply_code: 505}}\n"), "pass"
    );
    EXPECT_EQ(
        run(queue + "  - send: {basic.get: {queue: $id}}\n    split: every\n  - expect: basic.get-empty\n"), "pass"
    );
}

TEST(Language, TheOperatorCanRaiseAlarms) {
    EXPECT_EQ(
        run(queue + "  - operate: {set_alarm: {resource: memory, state: raised}}\n" + publish_hello +
            "  - expect: connection.blocked\n  - operate: {set_alarm: {resource: memory, state: cleared}}\n  - expect: "
            "connection.unblocked\n"),
        "pass"
    );
    EXPECT_EQ(
        run("  - operate: {close_connection: enough}\n  - expect_close: {connection.close: {reply_code: 320}}\n"),
        "pass"
    );
}

TEST(Language, WhatTheBrokerLacksIsUnsupported) {
    EXPECT_EQ(run(queue, "requires: [publisher_confirms]"), "pass");
    EXPECT_EQ(
        run(queue, "requires: [time_travel]"), "unsupported: the broker does not announce the capability time_travel"
    );
}

TEST(Run, NamesTheStepAndShowsTheConversation) {
    const auto result = run_simulated(scenario_of(queue + get + "  - expect: basic.get-ok\n"));
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_EQ(to_string(result.at), "test.yaml:13");
    EXPECT_THAT(result.transcript, Contains(HasSubstr("main -> channel 1: basic.get")));
    EXPECT_THAT(result.transcript, Contains(HasSubstr("main <- channel 1: basic.get-empty")));
}

TEST(Run, CleansUpEvenAfterAFailure) {
    // The broker of a run is gone with it, so what is looked at is the conversation of a second scenario on one stage.
    SimulatedStage stage(std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{}, 1), {});
    const auto durable = scenario_of(
        "  - open_channel: 1\n  - send: {queue.declare: {queue: $id, durable: true}}\n  - expect: queue.purge-ok\n",
        "cleanup: {queues: [$id]}"
    );
    EXPECT_EQ(run_scenario(stage, durable, {.prefix = "same"}).verdict, Verdict::fail);
    const auto missing = scenario_of(
        "  - open_channel: 1\n  - send: {queue.declare: {queue: $id, passive: true}}\n  - expect: {channel.close: "
        "{reply_code: 404}}\n"
    );
    EXPECT_EQ(outcome(run_scenario(stage, missing, {.prefix = "same"})), "pass");
}

}  // namespace
}  // namespace conformance::runner::testing
