#include "simbroker/server091/channel.hpp"

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using codec::wire::as_bytes;
using codec::wire::Bytes;

Bytes frame(std::uint8_t type, std::uint16_t channel, std::string_view payload, std::uint8_t end = methods::frame_end) {
    Bytes out;
    methods::append_frame(out, {type, {channel}, as_bytes(payload)});
    out.back() = end;
    return out;
}

struct Channels : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    std::string ask_octets(const Bytes& octets) {
        peer.send_octets(octets);
        const auto lines = peer.take();
        return lines.empty() ? "" : lines.front();
    }
};

std::string closed(int code, std::string_view text, int class_id, int method_id) {
    return "0 connection.close(reply_code=" + std::to_string(code) + ", reply_text=\"" + std::string(text) +
           "\", class_id=" + std::to_string(class_id) + ", method_id=" + std::to_string(method_id) + ")";
}

TEST_F(Channels, OpenOnce) {
    EXPECT_EQ(peer.ask(2, methods::channel::Open{}), "2 channel.open-ok()");
    EXPECT_EQ(peer.ask(2, methods::channel::Open{}), closed(504, "CHANNEL_ERROR - second 'channel.open' seen", 20, 10));
}

TEST_F(Channels, MustBeOpenedFirst) {
    EXPECT_EQ(
        peer.ask(3, methods::queue::Declare{.queue = "q"}),
        closed(504, "CHANNEL_ERROR - expected 'channel.open'", 50, 10)
    );
}

TEST_F(Channels, CloseAndAreReopened) {
    EXPECT_EQ(peer.ask(1, methods::channel::Close{.reply_code = 200}), "1 channel.close-ok()");
    EXPECT_EQ(peer.ask(1, methods::channel::Open{}), "1 channel.open-ok()");
}

TEST_F(Channels, AreLimitedInNumberNotInNumbers) {
    auto few = test.peer({.channel_max = 2, .channels = 0});
    EXPECT_EQ(few.ask(65535, methods::channel::Open{}), "65535 channel.open-ok()");
    EXPECT_EQ(few.ask(7, methods::channel::Open{}), "7 channel.open-ok()");
    EXPECT_EQ(
        few.ask(8, methods::channel::Open{}),
        closed(530, "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)", 0, 0)
    );
}

TEST_F(Channels, ErrorsCloseTheChannelOnly) {
    EXPECT_EQ(
        peer.ask(1, methods::queue::Declare{.queue = "nope", .passive = true}),
        "1 channel.close(reply_code=404, reply_text=\"NOT_FOUND - no queue 'nope' in vhost '/'\", class_id=50, "
        "method_id=10)"
    );
    EXPECT_EQ(peer.ask(1, methods::queue::Declare{.queue = "q"}), "") << "ignored until close-ok";
    EXPECT_EQ(peer.ask(1, methods::channel::Close{}), "1 channel.close-ok()") << "closes may cross";
    EXPECT_EQ(peer.ask(1, methods::channel::CloseOk{}), "");
    EXPECT_EQ(peer.ask(1, methods::channel::Open{}), "1 channel.open-ok()");
}

TEST_F(Channels, ReplyTextsAreCutAt255Octets) {
    const std::string name(250, 'y');
    peer.publish(1, {.exchange = name}, "m");
    const auto line = peer.take().front();
    const auto start = line.find('"') + 1;
    const auto text = line.substr(start, line.find('"', start) - start);
    EXPECT_EQ(text.size(), 255u);
    EXPECT_TRUE(text.ends_with("yyy..."));
}

TEST_F(Channels, FlowCanOnlyBeSwitchedOn) {
    EXPECT_EQ(peer.ask(1, methods::channel::Flow{.active = true}), "1 channel.flow-ok(active=true)");
    EXPECT_EQ(
        peer.ask(1, methods::channel::Flow{.active = false}), closed(540, "NOT_IMPLEMENTED - active=false", 20, 20)
    );
}

TEST_F(Channels, MethodsOfTheServerAreNotForClients) {
    EXPECT_EQ(peer.ask(1, methods::basic::QosOk{}), closed(503, "COMMAND_INVALID - unimplemented method", 60, 11));
}

TEST_F(Channels, AWrongFrameEndIsFatal) {
    EXPECT_EQ(
        ask_octets(frame(1, 1, std::string_view("\0\x5a\0\x0a", 4), 0)),
        closed(501, "FRAME_ERROR - type 1, all octets = <<0,90,0,10>>: {invalid_frame_end_marker,0}", 0, 0)
    );
    test.advance(seconds(3));
    EXPECT_TRUE(peer.closed());
}

TEST_F(Channels, AnOversizedFrameIsFatalBeforeItsPayloadComes) {
    const Bytes header{3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    EXPECT_EQ(
        ask_octets(header),
        closed(501, "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4294967295,131064}", 0, 0)
    );
}

TEST_F(Channels, AnUnknownFrameTypeIsAFrameError) {
    EXPECT_EQ(
        ask_octets(frame(4, 1, "abc")),
        closed(501, "FRAME_ERROR - type 4, all octets = <<\\\"abc\\\">>: unknown_frame", 0, 0)
    );
}

TEST_F(Channels, AnUnknownMethodDropsTheTransport) {
    EXPECT_EQ(ask_octets(frame(1, 1, std::string_view("\0\x32\0\x63", 4))), "");
    EXPECT_TRUE(peer.closed());
}

TEST_F(Channels, AMethodCutShortIsAFrameError) {
    EXPECT_EQ(
        ask_octets(frame(1, 1, std::string_view("\0\x32\0\x0a\0\0\x01q", 8))),
        closed(501, "FRAME_ERROR - cannot decode <<0,0,1,113>>", 50, 10)
    );
}

TEST_F(Channels, ShortStringsAreUtf8) {
    EXPECT_EQ(
        peer.ask(1, methods::queue::Declare{.queue = "\xff\xfe"}),
        closed(501, "FRAME_ERROR - Malformed UTF-8 in shortstr", 0, 0)
    );
}

TEST_F(Channels, AHeaderWithoutAMethodIsUnexpected) {
    EXPECT_EQ(
        ask_octets(frame(2, 1, std::string(14, '\0'))),
        closed(505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead", 0, 0)
    );
}

TEST_F(Channels, AMethodInsideAContentIsUnexpected) {
    peer.send(1, methods::basic::Publish{.routing_key = "q"});
    EXPECT_EQ(
        peer.ask(1, methods::queue::Declare{.queue = "q"}),
        closed(
            505, "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead", 60, 40
        )
    );
}

TEST_F(Channels, AHeaderOfAnotherClassIsUnexpected) {
    peer.send(1, methods::basic::Publish{.routing_key = "q"});
    EXPECT_EQ(
        ask_octets(frame(2, 1, std::string("\0\x32", 2) + std::string(12, '\0'))),
        closed(505, "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead", 60, 40)
    );
}

TEST_F(Channels, ABodyLongerThanAnnouncedIsAFrameErrorFromFourThreeOn) {
    peer.send(1, methods::basic::Publish{.routing_key = "q"});
    peer.send_octets(frame(2, 1, std::string("\0\x3c\0\0\0\0\0\0\0\0\0\x03\0\0", 14)));
    EXPECT_EQ(
        ask_octets(frame(3, 1, "12345")),
        closed(501, "FRAME_ERROR - content body frame exceeds remaining content size", 60, 40)
    );
}

TEST_F(Channels, HeartbeatsBelongToChannelZero) {
    EXPECT_EQ(ask_octets(frame(8, 1, "")), closed(505, "UNEXPECTED_FRAME - type 8, all octets = <<>>", 0, 0));
}

TEST_F(Channels, AccessRequestIsARelicThatIsAnswered) {
    EXPECT_EQ(peer.ask(1, methods::access::Request{.realm = "/data"}), "1 access.request-ok(ticket=1)");
}

}  // namespace
}  // namespace simbroker::server091
