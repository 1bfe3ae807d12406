// A scenario that a broken broker would pass is a defect. Here brokers are broken on purpose, by a fault plan in front
// of the simulated one, and the scenarios have to turn red, each for the right reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/simulated_run.hpp"

namespace conformance::runner::testing {
namespace {

using ::testing::HasSubstr;

struct Breakage {
    std::string how;
    std::string scenario;
    Rules rules;
    std::string message;  // part of what the failure says
};

void PrintTo(const Breakage& breakage, std::ostream* out) { *out << breakage.scenario << ", " << breakage.how; }

class ABrokenBroker : public ::testing::TestWithParam<Breakage> {};

TEST_P(ABrokenBroker, TurnsTheScenarioRed) {
    const auto& scenario = scenario_named(GetParam().scenario);
    ASSERT_FALSE(scenario.steps.empty());
    EXPECT_EQ(outcome(run_simulated(scenario)), "pass") << "the broker that is not broken";
    const auto result = run_simulated(scenario, GetParam().rules);
    EXPECT_EQ(result.verdict, Verdict::fail) << GetParam().how;
    EXPECT_THAT(result.message, HasSubstr(GetParam().message)) << GetParam().how;
}

const Breakage breakages[] = {
    {"forgets an acknowledgement",
     "basic.ack.multiple",
     {"{'when': {'to': 'server', 'method': 'basic.ack', 'nth': 1}, 'do': 'drop'}"},
     "expected"},
    {"overlooks an unknown delivery tag",
     "basic.ack.unknown-tag",
     {"{'when': {'to': 'server', 'method': 'basic.ack', 'nth': 1}, 'do': 'drop'}"},
     "expected channel.close"},
    {"answers with the wrong reply code",
     "queue.declare.passive-missing",
     {"{'when': {'to': 'client', 'method': 'channel.close'}, 'do': {'replace': {'reply_code': 403}}}"},
     "reply_code"},
    {"blames the wrong method",
     "queue.declare.passive-missing",
     {"{'when': {'to': 'client', 'method': 'channel.close'}, 'do': {'replace': {'class_id': 60}}}"},
     "class_id"},
    {"swaps two deliveries",
     "basic.consume.delivers-in-order",
     {"{'when': {'to': 'client', 'method': 'basic.deliver', 'nth': 1}, 'do': {'delay': '1ms'}}"},
     "expected basic.deliver"},
    {"delivers twice",
     "basic.consume.no-ack",
     {"{'when': {'to': 'client', 'method': 'basic.deliver', 'nth': 1}, 'do': 'duplicate'}"},
     "delivery-tag 1 after 1"},
    {"does not return what cannot be routed",
     "basic.publish.unroutable",
     {"{'when': {'to': 'client', 'method': 'basic.return'}, 'do': 'drop'}"},
     "expected basic.return"},
    {"returns with the wrong code",
     "basic.publish.unroutable",
     {"{'when': {'to': 'client', 'method': 'basic.return'}, 'do': {'replace': {'reply_code': 313}}}"},
     "reply_code"},
    {"never confirms",
     "confirm.sequence",
     {"{'when': {'to': 'client', 'method': 'basic.ack'}, 'do': 'drop'}"},
     "expected basic.ack"},
    {"confirms negatively",
     "confirm.every-message",
     {"{'when': {'to': 'client', 'method': 'basic.ack', 'nth': 1}, 'do': {'instead': [{'basic.nack': {'delivery_tag': "
      "1}}]}}"},
     "expected confirms"},
    {"confirms twice",
     "confirm.sequence",
     {"{'when': {'to': 'client', 'method': 'basic.ack', 'nth': 1}, 'do': 'duplicate'}"},
     "basic.ack"},
    {"ends a frame wrongly",
     "basic.get",
     {"{'when': {'to': 'client', 'method': 'basic.get-ok', 'nth': 1}, 'do': {'frame_end': 0}}"},
     "ends with 0x00"},
    {"never says that a message is redelivered",
     "basic.redelivered-after-lost-connection",
     {"{'when': {'to': 'client', 'method': 'basic.deliver'}, 'do': {'replace': {'redelivered': false}}}",
      "{'when': {'to': 'client', 'method': 'basic.get-ok'}, 'do': {'replace': {'redelivered': false}}}"},
     "redelivered"},
    {"ignores prefetch",
     "basic.qos.prefetch-count",
     {"{'when': {'to': 'server', 'method': 'basic.qos'}, 'do': {'replace': {'prefetch_count': 0}}}"},
     "basic.deliver"},
    {"settles what is not yet acknowledged",
     "channel.close-redelivers",
     {"{'when': {'to': 'server', 'method': 'basic.get'}, 'do': {'replace': {'no_ack': true}}}",
      "{'when': {'to': 'server', 'method': 'basic.consume'}, 'do': {'replace': {'no_ack': true}}}"},
     "expected"},
    {"routes everything by the empty key",
     "routing.direct",
     {"{'when': {'to': 'server', 'method': 'queue.bind'}, 'do': {'replace': {'routing_key': ''}}}"},
     "expected"},
    {"forgets expirations",
     "ttl.message",
     {"{'when': {'to': 'server', 'method': 'basic.publish'}, 'do': 'duplicate'}"},
     "expected"},
    {"counts messages wrongly",
     "queue.purge",
     {"{'when': {'to': 'client', 'method': 'queue.purge-ok'}, 'do': {'replace': {'message_count': 0}}}"},
     "message_count"},
    {"answers a bad frame with the wrong code",
     "framing.heartbeat-with-payload",
     {"{'when': {'to': 'client', 'method': 'connection.close'}, 'do': {'replace': {'reply_code': 505}}}"},
     "reply_code"},
    {"closes without a word",
     "channel.open-twice",
     {"{'when': {'to': 'client', 'method': 'connection.close'}, 'do': 'close'}"},
     "the end of the transport"},
    {"commits nothing",
     "tx.publish",
     {"{'when': {'to': 'server', 'method': 'tx.commit'}, 'do': {'answer': ['tx.commit-ok']}}"},
     "expected"},
    {"sends no heartbeats",
     "heartbeat.sent-when-idle",
     {"{'when': {'to': 'client', 'frame': 'heartbeat'}, 'do': 'drop'}"},
     "heartbeat"},
    {"loses the properties",
     "content.properties",
     {"{'when': {'to': 'server', 'frame': 'header'}, 'do': {'instead': [{'frame': {'header': {'body_size': 5}}}]}}"},
     ""},
};

INSTANTIATE_TEST_SUITE_P(Teeth, ABrokenBroker, ::testing::ValuesIn(breakages), [](const auto& info) {
    return std::to_string(info.index);
});

// The coarse ones, against everything there is: no scenario may pass a broker that is as good as dead.
struct DeadBroker {
    std::string name;
    Rules rules;
};

void PrintTo(const DeadBroker& broker, std::ostream* out) { *out << broker.name; }

// Every request is answered by its -ok at once, and nothing is done about it.
Rules agreement() {
    Rules rules;
    for (const std::string method :
         {"channel.open",     "channel.flow",    "channel.close", "exchange.declare", "exchange.delete",
          "exchange.bind",    "exchange.unbind", "queue.declare", "queue.bind",       "queue.unbind",
          "queue.purge",      "queue.delete",    "basic.qos",     "basic.consume",    "basic.cancel",
          "basic.recover",    "confirm.select",  "tx.select",     "tx.commit",        "tx.rollback",
          "connection.close", "access.request"}) {
        rules.push_back(
            "{'when': {'to': 'server', 'method': '" + method + "'}, 'do': {'answer': ['" + method + "-ok']}}"
        );
    }
    rules.push_back("{'when': {'to': 'server', 'method': 'basic.get'}, 'do': {'answer': ['basic.get-empty']}}");
    for (const std::string rest : {"'method': 'basic.publish'", "'frame': 'header'", "'frame': 'body'"})
        rules.push_back("{'when': {'to': 'server', " + rest + "}, 'do': 'drop'}");
    return rules;
}

class ADeadBroker : public ::testing::TestWithParam<DeadBroker> {};

TEST_P(ADeadBroker, PassesNothing) {
    ASSERT_FALSE(the_catalogue().scenarios.empty());
    for (const auto& scenario : the_catalogue().scenarios) {
        if (scenario.under_test != catalogue::Role::broker) continue;
        EXPECT_EQ(run_simulated(scenario, GetParam().rules).verdict, Verdict::fail) << scenario.id;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Teeth,
    ADeadBroker,
    ::testing::Values(
        DeadBroker{"SaysNothing", {"{'when': {'to': 'client'}, 'do': 'drop'}"}},
        DeadBroker{
            "HangsUpOnProtocolHeaders", {"{'when': {'to': 'server', 'frame': 'protocol_header'}, 'do': 'close'}"}
        },
        DeadBroker{
            "HangsUpWhenAChannelIsOpened", {"{'when': {'to': 'server', 'method': 'channel.open'}, 'do': 'close'}"}
        },
        DeadBroker{"BreaksEveryFrame", {"{'when': {'to': 'client', 'frame': 'method'}, 'do': {'frame_end': 0}}"}},
        DeadBroker{"LosesEveryMessage", {"{'when': {'to': 'server', 'method': 'basic.publish'}, 'do': 'drop'}"}},
        DeadBroker{"AgreesToEverything", agreement()}
    ),
    [](const auto& info) { return info.param.name; }
);

}  // namespace
}  // namespace conformance::runner::testing
