#include "conformance/report/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/simulated_run.hpp"

namespace conformance::report {
namespace {

using nlohmann::json;
using runner::testing::run_simulated;
using runner::testing::scenario_of;

std::vector<json> of_kind(const json& timeline, const std::string& kind) {
    std::vector<json> found;
    for (const auto& entry : timeline) {
        if (entry.at("kind") == kind) found.push_back(entry);
    }
    return found;
}

json frame_named(const json& timeline, const std::string& name) {
    for (const auto& entry : of_kind(timeline, "frame")) {
        if (entry.value("name", "") == name) return entry;
    }
    return json();
}

TEST(TimelineReport, TellsEveryFrameOfBothSidesWithTheStepItBelongsTo) {
    const auto result = run_simulated(scenario_of(R"(
  - open_channel: 1
  - send: {basic.publish: {routing_key: $id}, properties: {content_type: text/plain}, body: hello}
  - advance: 2s
  - send: {queue.declare: {queue: $id, exclusive: true}}
  - expect: {queue.declare-ok: {queue: $id}}
)"));
    ASSERT_EQ(runner::testing::outcome(result), "pass");
    const auto timeline = to_json(result.timeline);

    const auto declare = frame_named(timeline, "queue.declare");
    EXPECT_EQ(declare.at("from"), "client");
    EXPECT_EQ(declare.at("connection"), "main");
    EXPECT_EQ(declare.at("channel"), 1);
    EXPECT_EQ(declare.at("fields").at("queue"), "test");
    EXPECT_EQ(declare.at("during"), 4);
    EXPECT_EQ(declare.at("at"), 2.0);
    EXPECT_EQ(declare.at("octets").get<std::string>().size(), declare.at("size").get<std::size_t>() * 2);
    const auto declared = frame_named(timeline, "queue.declare-ok");
    EXPECT_EQ(declared.at("from"), "broker");
    EXPECT_EQ(declared.at("taken_by"), 5);

    const auto frames = of_kind(timeline, "frame");
    const auto header = std::ranges::find(frames, json("header"), [](const json& frame) { return frame.at("type"); });
    ASSERT_NE(header, frames.end());
    EXPECT_EQ(header->at("properties").at("content_type"), "text/plain");
    EXPECT_EQ(header->at("body_size"), 5);
    EXPECT_EQ(of_kind(timeline, "protocol_header").size(), 2U);  // the scenario's and the one of the check afterwards

    std::vector<std::string> phases;
    for (const auto& phase : of_kind(timeline, "phase")) phases.push_back(phase.at("name"));
    EXPECT_THAT(phases, testing::ElementsAre("preparation", "scenario", "afterwards"));
    const auto steps = of_kind(timeline, "step");
    EXPECT_EQ(steps.at(3).at("argument").at("queue.declare").at("queue"), "test");
    EXPECT_EQ(steps.at(3).at("outcome"), "done");
}

TEST(TimelineReport, TheStepThatFailedTellsWhatWasExpectedAndWhatCame) {
    const auto result =
        run_simulated(scenario_of("  - open_channel: 1\n  - send: tx.select\n  - expect: tx.commit-ok\n"));
    EXPECT_EQ(result.expected, "tx.commit-ok");
    EXPECT_EQ(result.got, "channel 1: tx.select-ok()");
    const auto timeline = to_json(result.timeline);
    const auto step = of_kind(timeline, "step").back();
    EXPECT_EQ(step.at("verb"), "expect");
    EXPECT_EQ(step.at("outcome"), "fail");
    EXPECT_EQ(step.at("expected"), result.expected);
    EXPECT_EQ(step.at("got"), result.got);
    EXPECT_EQ(frame_named(timeline, "tx.select-ok").at("taken_by"), step.at("number"));
}

TEST(TimelineReport, CutsLongTextAndTellsItsLength) {
    step::Timeline long_one;
    long_one.add({}, {.kind = step::Event::Kind::asked, .value = {{"body", std::string(5000, 'x')}}});
    const auto text = to_json(long_one).at(0).at("value").at("body").get<std::string>();
    EXPECT_THAT(text, testing::EndsWith("x... (5000 octets)"));
    EXPECT_LT(text.size(), 2100U);
}

TEST(TimelineReport, SaysWhatCannotBeReadAndWhatIsNoFrame) {
    const auto result = run_simulated(scenario_of(R"(
  - open_channel: 1
  - send_frame: {type: 1, payload: {hex: "ffff"}, channel: 1}
  - expect_close: any
)"));
    const auto timeline = to_json(result.timeline);
    const auto frames = of_kind(timeline, "frame");
    const auto unreadable = std::ranges::find_if(frames, [](const json& frame) { return frame.contains("trouble"); });
    ASSERT_NE(unreadable, frames.end());
    EXPECT_EQ(unreadable->at("octets"), "01000100000002ffffce");

    step::Timeline no_frames;
    no_frames.hear({}, "1", step::Speaker::client, codec::wire::as_bytes("GET / HTTP/1.1\r\n\r\n"));
    no_frames.finish({});
    const auto entries = to_json(no_frames);
    ASSERT_FALSE(entries.empty());
    EXPECT_EQ(entries.back().at("kind"), "octets") << entries;
}

}  // namespace
}  // namespace conformance::report
