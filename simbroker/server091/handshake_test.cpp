#include "simbroker/core/hold.hpp"
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using codec::wire::as_bytes;
using codec::wire::Bytes;

const std::string plain_guest("\0guest\0guest", 12);

Bytes header_091() { return {methods::protocol_header_091.begin(), methods::protocol_header_091.end()}; }

methods::connection::StartOk start_ok(
    std::string_view mechanism, std::string_view response, methods::FieldTable properties = {}
) {
    return {.client_properties = properties, .mechanism = mechanism, .response = {response}, .locale = "en_US"};
}

FieldTableBuilder with_capability(std::string_view name) {
    FieldTableBuilder capabilities;
    capabilities.add(name, true);
    FieldTableBuilder properties;
    properties.add("capabilities", capabilities.view());
    return properties;
}

struct Handshake : testing::Test {
    TestBroker test;
    ScriptedPeer peer = ScriptedPeer::silent(test.simulation);

    std::string start() {
        peer.send_octets(header_091());
        return peer.take().front();
    }
    void log_in() {
        start();
        peer.ask(0, start_ok("PLAIN", plain_guest));
    }
    bool dropped_after(Duration silence) {
        test.advance(silence - milliseconds(1));
        const bool early = peer.closed();
        test.advance(milliseconds(1));
        return !early && peer.closed();
    }
};

TEST_F(Handshake, StartTellsTheProductAndWhatItCanDo) {
    const auto line = start();
    EXPECT_THAT(line, HasSubstr("connection.start(version_major=0, version_minor=9"));
    EXPECT_THAT(line, HasSubstr("publisher_confirms=ttrue"));
    EXPECT_THAT(line, HasSubstr("product=S\"RabbitMQ\""));
    EXPECT_THAT(line, HasSubstr("version=S\"4.3.6\""));
    EXPECT_THAT(line, HasSubstr("simbroker=S"));
    EXPECT_THAT(line, HasSubstr("locales=\"en_US\""));
}

TEST_F(Handshake, AForeignHeaderIsAnsweredWithAKnownOneAndTheDoor) {
    peer.send_octets(as_bytes("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_THAT(peer.take(), ElementsAre("header 3 1 0 0"));
    EXPECT_TRUE(peer.closed());
}

TEST_F(Handshake, AHeaderOfTheSameFamilyIsAnsweredWith091) {
    const Bytes header{'A', 'M', 'Q', 'P', 0, 0, 9, 2};
    peer.send_octets(header);
    EXPECT_THAT(peer.take(), ElementsAre("header 0 0 9 1"));
}

TEST_F(Handshake, PlainLogsIn) {
    start();
    EXPECT_EQ(
        peer.ask(0, start_ok("PLAIN", plain_guest)),
        "0 connection.tune(channel_max=2047, frame_max=131072, heartbeat=60)"
    );
}

TEST_F(Handshake, AmqplainLogsIn) {
    start();
    FieldTableBuilder credentials;
    credentials.add("LOGIN", LongString{"guest"}).add("PASSWORD", LongString{"guest"});
    const auto response = codec::wire::as_text(credentials.view().octets());
    EXPECT_THAT(peer.ask(0, start_ok("AMQPLAIN", response)), HasSubstr("connection.tune"));
}

TEST_F(Handshake, AWrongPasswordIsToldToWhoCanHearIt) {
    start();
    const auto properties = with_capability("authentication_failure_close");
    EXPECT_EQ(
        peer.ask(0, start_ok("PLAIN", std::string_view("\0guest\0wrong", 12), properties.view())),
        "0 connection.close(reply_code=403, reply_text=\"ACCESS_REFUSED - Login was refused using authentication "
        "mechanism PLAIN. For details see the broker logfile.\", class_id=0, method_id=0)"
    );
    EXPECT_TRUE(dropped_after(seconds(3)));
}

TEST_F(Handshake, AWrongPasswordJustEndsTheConnectionOfWhoCannot) {
    start();
    EXPECT_EQ(peer.ask(0, start_ok("PLAIN", std::string_view("\0guest\0wrong", 12))), "");
    EXPECT_TRUE(dropped_after(seconds(3)));
}

TEST_F(Handshake, AMechanismThatWasNotOfferedEndsTheConnectionSilently) {
    start();
    EXPECT_EQ(peer.ask(0, start_ok("plain", plain_guest)), "");
    EXPECT_TRUE(dropped_after(seconds(3)));
}

TEST_F(Handshake, TuneOkMustStayWithinTheOffer) {
    log_in();
    EXPECT_EQ(peer.ask(0, methods::connection::TuneOk{.channel_max = 2048, .frame_max = 131072}), "");
    EXPECT_TRUE(dropped_after(seconds(3)));
}

TEST_F(Handshake, AFrameMaxBelowTheMinimumIsRefusedSilently) {
    log_in();
    EXPECT_EQ(peer.ask(0, methods::connection::TuneOk{.channel_max = 1, .frame_max = 4096}), "");
    EXPECT_TRUE(dropped_after(seconds(3))) << "4.1 and later want 8192";
}

TEST_F(Handshake, AnUnknownVirtualHostIsRefused) {
    log_in();
    peer.ask(0, methods::connection::TuneOk{.channel_max = 10, .frame_max = 131072});
    EXPECT_EQ(
        peer.ask(0, methods::connection::Open{.virtual_host = "no-such"}),
        "0 connection.close(reply_code=530, reply_text=\"NOT_ALLOWED - vhost no-such not found\", class_id=10, "
        "method_id=40)"
    );
}

TEST(VirtualHosts, NeedPermission) {
    BrokerConfig config;
    config.vhosts = {"/", "private"};
    TestBroker test(config);
    auto peer = test.peer({.vhost = "private", .channels = 0});
    EXPECT_TRUE(peer.take().empty());
    test.advance(seconds(30));
    EXPECT_TRUE(peer.closed());
}

TEST(VirtualHosts, AreSeparate) {
    BrokerConfig config;
    config.vhosts = {"/", "other"};
    config.accounts = {{"guest", "guest", {"/", "other"}}};
    TestBroker test(config);
    auto here = test.peer();
    auto there = test.peer({.vhost = "other"});
    declare(here, "q");
    EXPECT_THAT(
        there.ask(1, methods::queue::Declare{.queue = "q", .passive = true}),
        HasSubstr("NOT_FOUND - no queue 'q' in vhost 'other'")
    );
}

TEST_F(Handshake, TakesTenSecondsAtTheMost) {
    start();
    EXPECT_TRUE(dropped_after(seconds(10)));
}

TEST_F(Handshake, SegmentsOfOneOctetAreAsGoodAsOne) {
    test.simulation.set_link(peer.id(), Toward::server, {.segmentation = {.kind = Segmentation::Kind::every_octet}});
    EXPECT_THAT(start(), HasSubstr("connection.start"));
    EXPECT_THAT(peer.ask(0, start_ok("PLAIN", plain_guest)), HasSubstr("connection.tune"));
}

TEST(Heartbeats, AreSentTwiceInAnIntervalToASilentPeerThatTalks) {
    TestBroker test;
    auto peer = test.peer({.heartbeat = 10});
    for (int i = 0; i < 4; ++i) {
        test.advance(seconds(5));
        Bytes heartbeat;
        methods::append_heartbeat(heartbeat);
        peer.send_octets(heartbeat);
        EXPECT_THAT(peer.take(), ElementsAre("heartbeat")) << i;
    }
}

TEST(Heartbeats, AreNotSentWhereOtherFramesAre) {
    TestBroker test;
    auto peer = test.peer({.heartbeat = 10});
    test.advance(seconds(5));
    peer.take();
    test.advance(seconds(1));
    declare(peer, "q");
    test.advance(seconds(4));
    EXPECT_THAT(peer.take(), IsEmpty());
}

TEST(Heartbeats, AWhollySilentPeerIsDroppedAfterTwoToThreeIntervals) {
    TestBroker test;
    auto peer = test.peer({.heartbeat = 10});
    test.advance(seconds(20));
    EXPECT_FALSE(peer.closed());
    test.advance(seconds(10));
    EXPECT_TRUE(peer.closed());
}

TEST(Heartbeats, AnyOctetIsASignOfLife) {
    TestBroker test;
    auto peer = test.peer({.heartbeat = 10});
    for (int i = 0; i < 20; ++i) {
        test.advance(seconds(9));
        declare(peer, "q");
    }
    EXPECT_FALSE(peer.closed());
}

TEST(ConnectionClose, IsAnsweredAndExclusiveQueuesAreGoneByThen) {
    TestBroker test;
    auto peer = test.peer();
    auto other = test.peer();
    peer.ask(1, methods::queue::Declare{.queue = "mine", .exclusive = true});
    EXPECT_EQ(peer.ask(0, methods::connection::Close{.reply_code = 200}), "0 connection.close-ok()");
    EXPECT_THAT(
        other.ask(1, methods::queue::Declare{.queue = "mine", .passive = true}),
        HasSubstr("NOT_FOUND - no queue 'mine'")
    );
}

TEST(ConnectionClose, ByTheOperatorTellsHisReason) {
    TestBroker test;
    auto peer = test.peer();
    test.simulation.inject(CloseConnection{peer.id(), "maintenance"});
    EXPECT_THAT(
        peer.take(),
        ElementsAre("0 connection.close(reply_code=320, reply_text=\"CONNECTION_FORCED - maintenance\", class_id=0, "
                    "method_id=0)")
    );
    EXPECT_EQ(peer.ask(0, methods::connection::CloseOk{}), "");
    EXPECT_TRUE(peer.closed());
}

TEST(Alarms, BlockAConnectionFromItsFirstPublishOn) {
    TestBroker test;
    auto peer = test.peer();
    declare(peer, "q");
    test.simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised});
    EXPECT_THAT(peer.take(), IsEmpty());
    publish(peer, "q", "m");
    EXPECT_THAT(peer.take(), ElementsAre("0 connection.blocked(reason=\"low on memory\")"));
    EXPECT_EQ(peer.ask(1, methods::queue::Declare{.queue = "q", .passive = true}), "") << "nothing is read any more";
    test.simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::cleared});
    EXPECT_THAT(
        peer.take(),
        ElementsAre("0 connection.unblocked()", "1 queue.declare-ok(queue=\"q\", message_count=1, consumer_count=0)")
    );
}

TEST(Alarms, TellTheDriverWhomToReadNoMore) {
    TestBroker test;
    auto peer = test.peer({.capabilities = {}});
    const auto told = [&](Hold hold) {
        const auto events = test.simulation.take_events();
        return std::ranges::count_if(events, [&](const auto& event) {
            return hold_in(event.event) == hold && event.event.connection == peer.id();
        });
    };
    test.simulation.inject(SetAlarm{SetAlarm::Resource::disk, SetAlarm::State::raised});
    declare(peer, "q");
    EXPECT_EQ(told(Hold::begins), 0);
    publish(peer, "q", "m");
    publish(peer, "q", "n");
    EXPECT_THAT(peer.take(), IsEmpty()) << "it cannot be told";
    EXPECT_EQ(told(Hold::begins), 1);
    test.simulation.inject(SetAlarm{SetAlarm::Resource::disk, SetAlarm::State::cleared});
    EXPECT_THAT(peer.take(), IsEmpty());
    EXPECT_EQ(told(Hold::ends), 1);
    EXPECT_EQ(drain(peer, "q"), "m n");
}

TEST(Alarms, DoNotKeepAnOperatorFromClosingAConnection) {
    TestBroker test;
    auto peer = test.peer();
    test.simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::raised});
    publish(peer, "q", "m");
    peer.take();
    test.simulation.inject(CloseConnection{peer.id(), "enough"});
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("0 connection.close(reply_code=320")));
    EXPECT_EQ(peer.ask(0, methods::connection::CloseOk{}), "");
    EXPECT_TRUE(peer.closed());
}

}  // namespace
}  // namespace simbroker::server091
