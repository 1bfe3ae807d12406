#include "conformance/dialogue/dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "conformance/dialogue/load.hpp"

namespace conformance::dialogue {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Dialogues load_text(const std::string& text) {
    const auto path = std::filesystem::path(testing::TempDir()) / "dialogue_test.yaml";
    std::ofstream(path) << text;
    auto loaded = load_dialogues(path);
    std::filesystem::remove(path);
    EXPECT_TRUE(loaded) << to_string(loaded.error().front());
    return loaded ? *loaded : Dialogues{};
}

TEST(Act, IsAVerbWithWhatStandsBeside) {
    const auto act = act_from_json(json::parse(R"({"call": {"basic.get": {}}, "on": 2, "channel": 3})"));
    ASSERT_TRUE(act);
    EXPECT_EQ(act->verb, Verb::call);
    EXPECT_EQ(act->line, 2U);
    EXPECT_EQ(act->modifiers.at("channel"), 3);
    EXPECT_EQ(to_json(*act), json::parse(R"({"call": {"basic.get": {}}, "on": 2, "channel": 3})"));
}

TEST(Act, RefusesWhatItDoesNotKnowAndSaysWhatThereIs) {
    EXPECT_THAT(act_from_json(json{{"shout", 1}}).error(), HasSubstr("expected connect, setup"));
    EXPECT_THAT(act_from_json(json{{"hear", 1}, {"loud", true}}).error(), HasSubstr("hear takes no 'loud'"));
    EXPECT_THAT(act_from_json(json{{"hear", 1}, {"send", 2}}).error(), HasSubstr("expected one verb"));
    EXPECT_THAT(act_from_json(json{{"hear", 1U}, {"on", 0U}}).error(), HasSubstr("a number from 1"));
}

TEST(Dialogue, ReadsBackFromItsText) {
    Dialogue dialogue{.id = "q.one", .about = "what: \"this\"", .needs = {"quorum"}};
    for (const auto* act : {
             R"({"connect": {"channels": [1, 2]}})",
             R"({"send": {"basic.publish": {"routing_key": "true"}, "body": "\u0000x"}, "channel": 2, "on": 2})",
             R"({"wait": "20ms"})",
             R"({"setup": {"queue.declare": {"arguments": {"a b": null, "n": -1, "t": {"!F": [["z", 1.5]]}}}}})",
         }) {
        dialogue.acts.push_back(act_from_json(json::parse(act)).value());
    }
    const auto text = to_yaml(dialogue);
    const auto loaded = load_text(text);
    ASSERT_EQ(loaded.size(), 1U) << text;
    EXPECT_EQ(loaded[0].id, dialogue.id);
    EXPECT_EQ(loaded[0].about, dialogue.about);
    EXPECT_EQ(loaded[0].needs, dialogue.needs);
    EXPECT_EQ(loaded[0].acts, dialogue.acts) << text;
}

TEST(Dialogues, OfOneFileHaveDifferentIds) {
    const auto path = std::filesystem::path(testing::TempDir()) / "twice.yaml";
    std::ofstream(path) << "id: a\nacts: []\n---\nid: a\nacts: []\n";
    const auto loaded = load_dialogues(path);
    std::filesystem::remove(path);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(to_string(loaded.error().front()), HasSubstr("twice.yaml:4: a is also at"));
}

}  // namespace
}  // namespace conformance::dialogue
