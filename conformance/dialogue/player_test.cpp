#include "conformance/dialogue/player.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/simulated_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::dialogue {
namespace {

using nlohmann::json;

std::string answer(const std::vector<const char*>& acts) {
    Dialogue dialogue{.id = "test"};
    for (const auto* act : acts) dialogue.acts.push_back(act_from_json(json::parse(act)).value());
    runner::SimulatedStage stage(std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{}, 0), {});
    const auto played = play(stage, dialogue);
    return played ? *played : "trouble: " + played.error();
}

TEST(Play, WritesDownWhatEachActHeard) {
    EXPECT_EQ(
        answer({
            R"({"connect": {}})",
            R"({"setup": {"queue.declare": {"queue": "q", "exclusive": true}}})",
            R"({"send": {"basic.publish": {"routing_key": "q"}, "properties": {"priority": 3}, "body": "m"}})",
            R"({"call": {"basic.get": {"queue": "q"}}})",
            R"({"fence": 1})",
            R"({"drain": "q"})",
        }),
        "1.1 basic.get-ok(delivery_tag=1, redelivered=false, exchange=\"\", routing_key=\"q\", message_count=0) "
        "{priority=3} \"m\" | - | 1.1 drained nothing"
    );
}

TEST(Play, KnowsTheNamesTheBrokerMadeUp) {
    EXPECT_EQ(
        answer({
            R"({"connect": {}})",
            R"({"setup": {"queue.declare": {"exclusive": true}}})",
            R"({"call": {"queue.declare": {"queue": "$gen1", "passive": true}}})",
            R"({"call": {"queue.declare": {"exclusive": true}}})",
        }),
        "1.1 queue.declare-ok(queue=\"$gen1\", message_count=0, consumer_count=0) | "
        "1.1 queue.declare-ok(queue=\"$gen2\", message_count=0, consumer_count=0)"
    );
}

TEST(Play, EndsWhereTheSetUpFails) {
    EXPECT_EQ(
        answer({
            R"({"connect": {}})",
            R"({"setup": {"queue.bind": {"queue": "none", "exchange": "amq.direct"}}})",
            R"({"drain": "none"})",
        }),
        "1.1 channel.close(reply_code=404, reply_text=\"NOT_FOUND - no queue 'none' in vhost '$vhost'\", class_id=50, "
        "method_id=20) | stopped: expected queue.bind-ok"
    );
}

TEST(Play, SaysHowLongTheBrokerWaitedBeforeItEndedTheTransport) {
    EXPECT_EQ(answer({R"({"connect": {"until": "start"}})", R"({"hear": 1, "within": "30s"})"}), "1 ended (~10 s)");
}

TEST(Play, CountsConfirmsAndNotFrames) {
    EXPECT_EQ(
        answer({
            R"({"connect": {}})",
            R"({"setup": {"confirm.select": {}}})",
            R"({"send": {"basic.publish": {"routing_key": "none"}}})",
            R"({"send": {"basic.publish": {"routing_key": "none"}}})",
            R"({"hear": 1, "confirms": 2})",
        }),
        "1.1 confirmed 1-2"
    );
}

TEST(Play, CallsItsOwnTroubleByItsName) {
    EXPECT_THAT(
        answer({R"({"connect": {}})", R"({"send": {"basic.publish": {"routing_key": "$nobody"}}})"}),
        testing::HasSubstr("no variable $nobody")
    );
    EXPECT_THAT(answer({R"({"hear": 1})"}), testing::HasSubstr("there is no connection 1"));
}

}  // namespace
}  // namespace conformance::dialogue
