#include "simbroker/fault/frame_stream.hpp"

#include <gtest/gtest.h>

#include "codec/amqp091/codec.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;

Bytes a_handshake_start() {
    Bytes octets(protocol_header_091.begin(), protocol_header_091.end());
    append_method(octets, ChannelNumber{3}, tx::Select{});
    append_heartbeat(octets);
    return octets;
}

TEST(FrameStream, GivesTheSameUnitsHoweverTheOctetsAreCut) {
    const auto octets = a_handshake_start();
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
        FrameStream stream;
        auto units = stream.feed(BytesView(octets).first(cut));
        for (auto& unit : stream.feed(BytesView(octets).subspan(cut))) units.push_back(std::move(unit));
        ASSERT_EQ(units.size(), 3U) << "cut at " << cut;
        EXPECT_EQ(units[0].kind, Unit::Kind::protocol_header);
        EXPECT_EQ(units[1].type(), frame_type::method);
        EXPECT_EQ(units[1].channel(), ChannelNumber{3});
        EXPECT_EQ(peek_method_id(units[1].payload()), tx::Select::id);
        EXPECT_EQ(units[2].type(), frame_type::heartbeat);
    }
}

TEST(FrameStream, LetsAFrameWithAWrongEndThroughAsAFrame) {
    Bytes octets;
    append_heartbeat(octets);
    octets.back() = 0;
    const auto units = FrameStream().feed(octets);
    ASSERT_EQ(units.size(), 1U);
    EXPECT_EQ(units[0].octets, octets);
}

TEST(FrameStream, TakesEverythingAfterAnAbsurdSizeAsOpaque) {
    const Bytes absurd{1, 0, 1, 0xff, 0xff, 0xff, 0xff, 9, 9};
    FrameStream stream;
    const auto first = stream.feed(absurd);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].kind, Unit::Kind::opaque);
    EXPECT_EQ(first[0].octets, absurd);
    const auto later = stream.feed(a_handshake_start());
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later[0].kind, Unit::Kind::opaque);
}

}  // namespace
}  // namespace simbroker::fault
