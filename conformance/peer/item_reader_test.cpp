#include "conformance/peer/item_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simbroker/fault/notation.hpp"

namespace conformance::peer {
namespace {

using codec::wire::Bytes;
using codec::wire::BytesView;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Bytes script(const char* text) {
    std::string quoted = text;
    std::ranges::replace(quoted, '\'', '"');
    return simbroker::fault::script_from_json(json::parse(quoted), {.frame_max = 4096}).value();
}

std::vector<std::string> read(const char* text) {
    std::vector<std::string> all;
    for (const auto& item : ItemReader().feed(script(text))) all.push_back(describe(item));
    return all;
}

TEST(ItemReader, MakesOneItemOfAMethodWithItsContent) {
    ItemReader reader;
    const auto octets =
        script("[{'basic.deliver': {'delivery_tag': 1}, 'properties': {'priority': 3}, 'body': {'pattern': 5000}}]");
    std::vector<Item> items;
    for (const auto octet : octets) {
        for (auto& item : reader.feed(BytesView(&octet, 1))) items.push_back(std::move(item));
    }
    ASSERT_EQ(items.size(), 1U);
    EXPECT_TRUE(items[0].is("basic.deliver"));
    EXPECT_EQ(codec::wire::as_text(items[0].content->body), simbroker::fault::pattern(5000));
    EXPECT_THAT(items[0].content->frames, ElementsAre(4088, 912));
}

TEST(ItemReader, TakesContentsOfSeveralChannelsInterleaved) {
    EXPECT_THAT(
        read("[{'frame': {'method': {'basic.deliver': {'delivery_tag': 1}}, 'channel': 1}},"
             " {'frame': {'method': {'basic.deliver': {'delivery_tag': 1}}, 'channel': 2}},"
             " {'frame': {'header': {'body_size': 1}, 'channel': 2}}, {'frame': {'header': {'body_size': 0}, "
             "'channel': 1}},"
             " {'frame': {'body': 'x', 'channel': 2}}]"),
        ElementsAre(HasSubstr("channel 1: basic.deliver"), HasSubstr("channel 2: basic.deliver"))
    );
}

TEST(ItemReader, SaysWhatNoPeerMaySend) {
    EXPECT_THAT(read("[{'frame': {'heartbeat': {}, 'end': 0}}]"), ElementsAre(HasSubstr("ends with 0x00")));
    EXPECT_THAT(read("[{'frame': {'heartbeat': {}, 'channel': 1}}]"), ElementsAre(HasSubstr("channel 1: a heartbeat")));
    EXPECT_THAT(read("[{'frame': {'type': 9}}]"), ElementsAre(HasSubstr("unknown type 9")));
    EXPECT_THAT(
        read("[{'frame': {'type': 1, 'payload': {'hex': '00'}}}]"),
        ElementsAre(HasSubstr("a method that cannot be read"))
    );
    EXPECT_THAT(read("[{'frame': {'body': 'x'}}]"), ElementsAre(HasSubstr("without a content header")));
    EXPECT_THAT(read("[{'frame': {'header': {}}}]"), ElementsAre(HasSubstr("without a method")));
    EXPECT_THAT(
        read("[{'frame': {'method': {'basic.deliver': {'delivery_tag': 1}}}}, 'tx.select-ok']"),
        ElementsAre(HasSubstr("a method inside a content"), HasSubstr("tx.select-ok"))
    );
    EXPECT_THAT(
        read("[{'frame': {'method': 'basic.return'}}, {'frame': {'header': {'body_size': 1}}}, {'frame': {'body': "
             "'xx'}}]"),
        ElementsAre(HasSubstr("2 octets where 1 are missing"))
    );
    EXPECT_THAT(
        read("[{'frame': {'method': 'basic.return'}}, {'frame': {'header': {'class_id': 50}}}]"),
        ElementsAre(HasSubstr("content header of class 50"))
    );
    EXPECT_THAT(read("[{'bytes': {'hex': '01 0001 ffffffff'}}]"), ElementsAre(HasSubstr("no frame")));
}

TEST(ItemReader, WatchesDeliveryTags) {
    EXPECT_THAT(
        read("[{'basic.deliver': {'delivery_tag': 0}}]"),
        ElementsAre(HasSubstr("delivery-tag 0 after 0"), HasSubstr("basic.deliver"))
    );
    EXPECT_THAT(
        read("[{'basic.get-ok': {'delivery_tag': 2}}, {'basic.deliver': {'delivery_tag': 2}}]"),
        ElementsAre(HasSubstr("basic.get-ok"), HasSubstr("delivery-tag 2 after 2"), HasSubstr("basic.deliver"))
    );
    EXPECT_THAT(
        read("[{'basic.deliver': {'delivery_tag': 1}}, 'channel.open-ok', {'basic.deliver': {'delivery_tag': 1}}]"),
        ElementsAre(HasSubstr("basic.deliver"), HasSubstr("channel.open-ok"), HasSubstr("basic.deliver"))
    );
}

TEST(ItemReader, WatchesTheNegotiatedFrameMax) {
    ItemReader reader;
    reader.set_frame_max(20);
    EXPECT_THAT(reader.feed(script("['tx.select-ok']")), testing::SizeIs(1));
    const auto items = reader.feed(script("[{'connection.blocked': {'reason': 'a long story'}}]"));
    ASSERT_EQ(items.size(), 2U);
    EXPECT_THAT(describe(items[0]), HasSubstr("but frame-max is 20"));
}

TEST(ItemReader, KnowsProtocolHeaders) {
    EXPECT_THAT(
        read("[{'bytes': {'concat': ['AMQP', {'hex': '00000901'}]}}]"),
        ElementsAre("the protocol header hex 414d515000000901")
    );
}

}  // namespace
}  // namespace conformance::peer
