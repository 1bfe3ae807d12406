#include "simbroker/fault/notation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;
using nlohmann::json;
using testing::HasSubstr;

// Single quotes for double ones, so that the tests read like YAML.
json of(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return json::parse(text);
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(OctetNotation, IsTextHexPatternOrSeveralOfThem) {
    EXPECT_EQ(octets_from_json(of("'AMQP'")), bytes_of("AMQP"));
    EXPECT_EQ(octets_from_json(of("{'hex': '00 fF'}")), (Bytes{0, 255}));
    EXPECT_EQ(octets_from_json(of("{'pattern': 25}")), bytes_of("abcdefghijklmnopqrstuvwab"));
    EXPECT_EQ(octets_from_json(of("{'concat': ['a', {'hex': '00'}]}")), (Bytes{'a', 0}));
    EXPECT_EQ(octets_from_json(of("{'nested_table': 0}")), (Bytes{0, 0, 0, 0}));
    EXPECT_EQ(
        octets_from_json(of("{'nested_table': 2}")),
        (Bytes{0, 0, 0, 14, 1, 'a', 'F', 0, 0, 0, 7, 1, 'a', 'F', 0, 0, 0, 0})
    );
}

TEST(OctetNotation, RefusesAnythingElse) {
    for (const auto* wrong :
         {"5",
          "null",
          "{}",
          "{'hex': '0'}",
          "{'hex': 'xy'}",
          "{'hex': 5}",
          "{'pattern': -1}",
          "{'size': 5}",
          "{'nested_table': -1}",
          "{'concat': 'a'}"}) {
        EXPECT_FALSE(octets_from_json(of(wrong))) << wrong;
    }
}

TEST(MessageNotation, PutsConnectionMethodsOnChannelZeroAndOthersOnTheDefault) {
    const auto tx = message_from_json("tx.select", {.channel = ChannelNumber{7}});
    Bytes expected;
    append_method(expected, ChannelNumber{7}, tx::Select{});
    EXPECT_EQ(tx, expected);

    const auto close =
        message_from_json(of("{'connection.close': {'reply_code': 320}}"), {.channel = ChannelNumber{7}});
    ASSERT_TRUE(close);
    EXPECT_EQ(FrameStream().feed(*close).at(0).channel(), connection_channel);
}

TEST(MessageNotation, TakesTheNameAloneOfAMethodWithContent) {
    const auto named = message_from_json("basic.deliver", {});
    ASSERT_TRUE(named);
    EXPECT_EQ(named, message_from_json(of("{'basic.deliver': {}}"), {}));
    EXPECT_EQ(FrameStream().feed(*named).size(), 2U);  // method and header
}

TEST(MessageNotation, CutsABodyToFramesOfTheNegotiatedSize) {
    const auto octets =
        message_from_json(of("{'basic.publish': {}, 'body': {'pattern': 10}}"), {.frame_max = 4 + frame_overhead});
    ASSERT_TRUE(octets);
    const auto units = FrameStream().feed(*octets);
    ASSERT_EQ(units.size(), 5U);  // method, header, 4 + 4 + 2 octets
    EXPECT_EQ(units[4].payload().size(), 2U);
}

TEST(MessageNotation, NamesWhatIsWrong) {
    const auto error = [](const char* text) -> std::string {
        const auto made = message_from_json(of(text), {});
        if (made) return "nothing wrong";
        return made.error();
    };
    EXPECT_THAT(error("{'basic.ack': {}, 'tx.select': {}}"), HasSubstr("side by side"));
    EXPECT_THAT(error("{'basic.ack': {'delivery-tag': 1}}"), HasSubstr("delivery-tag"));
    EXPECT_THAT(error("{'basic.ack': {}, 'body': 'x'}"), HasSubstr("carries no content"));
    EXPECT_THAT(error("{'basic.acknowledge': {}}"), HasSubstr("basic.acknowledge"));
    EXPECT_THAT(error("{'basic.ack': {}, 'channel': 70000}"), HasSubstr("65535"));
    EXPECT_THAT(error("{'body': 'x'}"), HasSubstr("expected a method"));
}

TEST(FrameNotation, CanBeWrongOnPurpose) {
    const auto frame = frame_from_json(of("{'heartbeat': {}, 'channel': 1, 'size': 2, 'end': 0}"), {});
    EXPECT_EQ(frame, (Bytes{8, 0, 1, 0, 0, 0, 2, 0}));
    const auto unknown = frame_from_json(of("{'type': 9, 'payload': {'hex': 'ff'}}"), {.channel = ChannelNumber{2}});
    EXPECT_EQ(unknown, (Bytes{9, 0, 2, 0, 0, 0, 1, 255, 0xce}));
}

TEST(FrameNotation, WritesContentHeaders) {
    const auto frame =
        frame_from_json(of("{'header': {'body_size': 5, 'weight': 1, 'properties': {'priority': 3}}}"), {});
    ASSERT_TRUE(frame);
    const auto header =
        decode_content_header(BytesView(*frame).subspan(frame_header_size, frame->size() - frame_overhead));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->class_id, basic_class_id);
    EXPECT_EQ(header->weight, 1);
    EXPECT_EQ(header->body_size, 5U);
    EXPECT_EQ(decode_properties(header->property_octets)->priority, 3);
}

TEST(FrameNotation, NamesUnknownKeys) {
    EXPECT_THAT(frame_from_json(of("{'methods': 'tx.select'}"), {}).error(), HasSubstr("unknown key 'methods'"));
    EXPECT_THAT(frame_from_json(of("{'channel': 1}"), {}).error(), HasSubstr("expected a frame"));
}

TEST(ScriptNotation, MixesMessagesFramesAndOctets) {
    const auto script = script_from_json(of("['tx.select', {'frame': {'heartbeat': {}}}, {'bytes': 'x'}]"), {});
    ASSERT_TRUE(script);
    Bytes expected;
    append_method(expected, ChannelNumber{1}, tx::Select{});
    append_heartbeat(expected);
    expected.push_back('x');
    EXPECT_EQ(*script, expected);
}

}  // namespace
}  // namespace simbroker::fault
