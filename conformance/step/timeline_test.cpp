#include "conformance/step/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/amqp091/codec.hpp"

namespace conformance::step {
namespace {

using codec::wire::Bytes;
using codec::wire::BytesView;
using namespace std::chrono_literals;

Bytes heartbeat() {
    Bytes octets;
    codec::amqp091::append_heartbeat(octets);
    return octets;
}

Bytes octets_of(std::string_view text) { return {text.begin(), text.end()}; }

const Said& said(const Entry& entry) { return std::get<Said>(entry.what); }

TEST(Timeline, CutsOctetsIntoFramesWhereverTheyAreSplit) {
    Timeline timeline;
    for (const auto octet : heartbeat()) timeline.hear(Instant{1s}, "main", Speaker::broker, {&octet, 1});
    timeline.hear(Instant{2s}, "main", Speaker::client, heartbeat());
    ASSERT_EQ(timeline.beginning().size(), 2U);
    EXPECT_EQ(said(timeline.beginning()[0]).unit.octets, heartbeat());
    EXPECT_EQ(said(timeline.beginning()[0]).from, Speaker::broker);
    EXPECT_EQ(timeline.beginning()[1].at, Instant{2s});
}

TEST(Timeline, KnowsTheStepAtWorkAndWhatItLookedAt) {
    Timeline timeline;
    timeline.begin_step({}, {.at = {}, .verb = "repeat", .argument = {}, .steps = {}});
    timeline.begin_step({}, {.at = {}, .verb = "expect", .argument = {}, .steps = {}});
    timeline.hear({}, "main", Speaker::broker, heartbeat());
    timeline.hear({}, "main", Speaker::broker, heartbeat());
    timeline.take("main", Speaker::broker, 1);
    timeline.end_step(Instant{1s}, unmet("this", "that"));
    timeline.end_step(Instant{1s}, {});
    const auto& entries = timeline.beginning();
    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(std::get<StepRun>(entries[1].what).outer, 1U);
    EXPECT_EQ(std::get<StepRun>(entries[1].what).trouble->text, "expected this, got that");
    EXPECT_FALSE(std::get<StepRun>(entries[0].what).trouble.has_value());
    EXPECT_EQ(entries[2].during, 2U);
    EXPECT_EQ(said(entries[2]).taken_by, 0U);
    EXPECT_EQ(said(entries[3]).taken_by, 2U);
}

TEST(Timeline, LeavesOutTheMiddleOfALongConversation) {
    Timeline timeline;
    constexpr std::size_t more = 50;
    const auto all = Timeline::most_kept_of_beginning + Timeline::most_kept_of_end + more;
    for (std::size_t i = 0; i < all; ++i) timeline.hear(Instant{i * 1s}, "main", Speaker::broker, heartbeat());
    EXPECT_EQ(timeline.beginning().size(), Timeline::most_kept_of_beginning);
    EXPECT_EQ(timeline.left_out(), more);
    EXPECT_EQ(timeline.end().size(), Timeline::most_kept_of_end);
    EXPECT_EQ(said(timeline.end().back()).nth, all - 1);
}

TEST(Timeline, KeepsTheBeginningOfALongBodyAndItsSize) {
    Timeline timeline;
    Bytes octets;
    const Bytes body(5000, 'x');
    codec::amqp091::append_frame(octets, {codec::amqp091::frame_type::body, codec::amqp091::ChannelNumber{1}, body});
    timeline.hear({}, "main", Speaker::client, octets);
    EXPECT_EQ(said(timeline.beginning()[0]).unit.octets.size(), Timeline::longest_body_kept);
    EXPECT_EQ(said(timeline.beginning()[0]).size, 5008U);
}

TEST(Timeline, TellsOctetsThatNeverBecameAFrame) {
    Timeline timeline;
    timeline.hear({}, "main", Speaker::broker, octets_of("AMQ"));
    EXPECT_TRUE(timeline.beginning().empty());
    timeline.finish(Instant{3s});
    ASSERT_EQ(timeline.beginning().size(), 1U);
    const auto& event = std::get<Event>(timeline.beginning()[0].what);
    EXPECT_EQ(event.kind, Event::Kind::no_frame);
    EXPECT_EQ(event.text, "broker");
    EXPECT_EQ(event.value.at("octets"), "414d51");
}

TEST(Timeline, ShowsNoPassword) {
    Timeline timeline;
    timeline.hide("open sesame");
    Bytes octets;
    codec::amqp091::append_method(
        octets,
        codec::amqp091::connection_channel,
        codec::amqp091::connection::SecureOk{codec::amqp091::LongString{std::string_view("\0me\0open sesame", 15)}}
    );
    timeline.hear({}, "main", Speaker::client, octets);
    timeline.add({}, {.kind = Event::Kind::asked, .value = {{"with", {{"password", "open sesame"}}}}});
    const auto text = codec::wire::as_text(said(timeline.beginning()[0]).unit.octets);
    EXPECT_THAT(std::string(text), testing::HasSubstr("***********"));
    EXPECT_THAT(std::string(text), testing::Not(testing::HasSubstr("sesame")));
    EXPECT_EQ(said(timeline.beginning()[0]).unit.octets.size(), octets.size());
    EXPECT_EQ(std::get<Event>(timeline.beginning()[1].what).value.at("with").at("password"), "***********");
}

}  // namespace
}  // namespace conformance::step
