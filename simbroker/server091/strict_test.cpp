// Profile strict: what it does that RabbitMQ does not. The scenarios of scenarios/amqp091/ ask most of it over the
// wire; here stand the cases they cannot make and the edges of those they make.
#include "simbroker/server091/protocol_version.hpp"
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::basic::Ack;
using methods::basic::Consume;
using methods::basic::Get;
using methods::basic::Publish;
using methods::basic::Qos;
using methods::basic::Recover;
using methods::basic::Reject;
using testing::AllOf;
using testing::Not;
using testing::StartsWith;

constexpr methods::ProtocolHeader header_0_9{'A', 'M', 'Q', 'P', 1, 1, 0, 9};
constexpr methods::ProtocolHeader header_0_8{'A', 'M', 'Q', 'P', 1, 1, 8, 0};

struct Strict : TestBroker {
    Strict() : TestBroker(profile::strict()) {}

    // As far as an open channel 1, greeting with `header`.
    ScriptedPeer greeted_with(const methods::ProtocolHeader& header) {
        auto peer = ScriptedPeer::silent(simulation);
        peer.send_octets(header);
        const std::string response("\0guest\0guest", 12);
        peer.ask(0, methods::connection::StartOk{.mechanism = "PLAIN", .response = {response}, .locale = "en_US"});
        peer.ask(0, methods::connection::TuneOk{.channel_max = 10, .frame_max = 8192, .heartbeat = 0});
        peer.ask(0, methods::connection::Open{.virtual_host = "/"});
        peer.ask(1, methods::channel::Open{});
        return peer;
    }
};

std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += line + "\n";
    return all;
}

void consume(ScriptedPeer& peer, const std::string& queue, const std::string& tag, std::uint16_t channel = 1) {
    peer.ask(channel, Consume{.queue = queue, .consumer_tag = tag});
}

TEST(Strict, NamesItselfAndAHostAndNoCapabilities) {
    Strict test;
    auto peer = ScriptedPeer::silent(test.simulation);
    peer.send_octets(methods::protocol_header_091);
    const auto start = joined(peer.take());
    EXPECT_THAT(start, AllOf(HasSubstr("product=S\"simbroker\""), HasSubstr("host=S"), HasSubstr("strict")));
    EXPECT_THAT(start, Not(HasSubstr("capabilities")));
}

TEST(Strict, HasNoMethodOfRabbitMQ) {
    const auto answer = [](const auto& method) {
        Strict test;
        auto peer = test.peer();
        return peer.ask(1, method);
    };
    const auto refused = [](int class_id, int method_id) {
        return AllOf(
            HasSubstr("connection.close(reply_code=540"),
            HasSubstr("class_id=" + std::to_string(class_id) + ", method_id=" + std::to_string(method_id) + ")")
        );
    };
    EXPECT_THAT(answer(methods::confirm::Select{}), refused(85, 10));
    EXPECT_THAT(answer(methods::basic::Nack{.delivery_tag = 1}), refused(60, 120));
    EXPECT_THAT(answer(methods::exchange::Bind{.destination = "amq.fanout", .source = "amq.direct"}), refused(40, 30));
    EXPECT_THAT(answer(methods::access::Request{.realm = "/data"}), refused(30, 10)) << "of 0-9, not of 0-9-1";
}

TEST(Strict, UnknownMethodsAre540AndUnreadableFields502) {
    const auto answer = [](std::vector<std::uint8_t> payload) {
        Strict test;
        auto peer = test.peer();
        codec::wire::Bytes octets;
        methods::append_frame(octets, {methods::frame_type::method, {1}, payload});
        peer.send_octets(octets);
        return joined(peer.take());
    };
    EXPECT_THAT(answer({0, 70, 0, 10}), HasSubstr("reply_code=540")) << "class file";
    EXPECT_THAT(answer({0, 50, 0, 10, 0, 0}), HasSubstr("reply_code=502"));
    EXPECT_THAT(answer({0, 50, 0, 10, 0, 0, 1, 'q', 0, 0, 0, 0, 5, 1, 'a', '?'}), HasSubstr("reply_code=502"));
}

TEST(Strict, AnErrorBeforeOpenOkIsSilentAndAtOnce) {
    Strict test;
    auto peer = ScriptedPeer::silent(test.simulation);
    shake_hands(peer, "guest", "guest");
    EXPECT_EQ(peer.ask(1, methods::channel::Open{}), "");
    EXPECT_TRUE(peer.closed());
    EXPECT_LT(test.simulation.now(), Instant(seconds(1)));
}

TEST(Strict, AnUnknownVirtualHostIsAnInvalidPath) {
    Strict test;
    auto peer = ScriptedPeer::silent(test.simulation);
    shake_hands(peer, "guest", "guest");
    EXPECT_THAT(
        peer.ask(0, methods::connection::Open{.virtual_host = "nowhere"}),
        HasSubstr("connection.close(reply_code=402, reply_text=\"INVALID_PATH - vhost nowhere not found\"")
    );
}

TEST(Strict, AFrameIsAsLargeAsAgreedWithItsHeaderAndEnd) {
    const auto answer = [](std::size_t payload) {
        Strict test;
        auto peer = test.peer({.frame_max = 8192});
        declare(peer, "q");
        peer.send(1, Publish{.routing_key = "q"});
        codec::wire::Bytes octets;
        methods::append_content(octets, {1}, codec::wire::Bytes{0, 0}, codec::wire::Bytes(payload, 'x'), payload + 8);
        peer.send_octets(octets);
        return joined(peer.take());
    };
    EXPECT_EQ(answer(8184), "");
    EXPECT_THAT(answer(8185), HasSubstr("reply_code=501, reply_text=\"FRAME_ERROR"));
}

TEST(Strict, AMessageAboveTheLimitIs311) {
    auto config = TestBroker::config_of(profile::strict());
    config.profile.message_size_max = 3;
    TestBroker test(config);
    auto peer = test.peer();
    declare(peer, "q");
    publish(peer, "q", "abcd");
    EXPECT_THAT(joined(peer.take()), HasSubstr("channel.close(reply_code=311, reply_text=\"CONTENT_TOO_LARGE"));
}

TEST(Strict, AnExchangeOfAnotherTypeIs530AndItsAutoDeleteBitIsIgnored) {
    Strict test;
    auto peer = test.peer();
    const methods::exchange::Declare first{.exchange = "e", .type = "direct"};
    EXPECT_EQ(peer.ask(1, first), "1 exchange.declare-ok()");
    auto second = first;
    second.auto_delete = true;
    EXPECT_EQ(peer.ask(1, second), "1 exchange.declare-ok()");
    second.type = "fanout";
    EXPECT_THAT(peer.ask(1, second), HasSubstr("connection.close(reply_code=530"));
}

TEST(Strict, AllArgumentsOfADeclarationCount) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q", FieldTableBuilder().add("our-own", 1));
    EXPECT_THAT(declare(peer, "q", FieldTableBuilder().add("our-own", 1)), HasSubstr("declare-ok"));
    EXPECT_THAT(declare(peer, "q", FieldTableBuilder().add("our-own", 2)), HasSubstr("reply_code=406"));
}

TEST(Strict, AnUnbindingThatFailsIsAnErrorOfTheConnection) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    const methods::queue::Unbind of_its_name{.queue = "q", .exchange = "", .routing_key = "q"};
    EXPECT_THAT(peer.ask(1, of_its_name), HasSubstr("channel.close(reply_code=403"));
    peer.ask(1, methods::channel::CloseOk{});
    peer.ask(1, methods::channel::Open{});
    const methods::queue::Unbind missing{.queue = "q", .exchange = "amq.direct", .routing_key = "k"};
    EXPECT_THAT(peer.ask(1, missing), HasSubstr("connection.close(reply_code=404"));
}

TEST(Strict, ImmediateReachesTheConsumersThatWaitAndNoOtherQueue) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "waited-for");
    declare(peer, "alone");
    for (const auto* queue : {"waited-for", "alone"}) {
        peer.ask(1, methods::queue::Bind{.queue = queue, .exchange = "amq.fanout"});
    }
    consume(peer, "waited-for", "c");
    peer.publish(1, {.exchange = "amq.fanout", .immediate = true}, "now");
    EXPECT_THAT(peer.take(), ElementsAre(AllOf(StartsWith("1 basic.deliver"), HasSubstr("now"))));
    EXPECT_EQ(drain(peer, "alone"), "");
    peer.publish(1, {.routing_key = "nowhere", .mandatory = true, .immediate = true}, "back");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("basic.return(reply_code=312")));
    peer.publish(1, {.routing_key = "nowhere", .immediate = true}, "back");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("basic.return(reply_code=313")));
}

TEST(Strict, ImmediateInATransactionIsDecidedAtItsCommit) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    peer.ask(1, methods::tx::Select{});
    peer.publish(1, {.routing_key = "q", .immediate = true}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
    EXPECT_THAT(
        peer.ask(1, methods::tx::Commit{}), AllOf(HasSubstr("basic.return(reply_code=313"), HasSubstr("tx.commit-ok"))
    );
}

TEST(Strict, NoLocalConsumersLeaveTheirOwnMessagesToOthers) {
    Strict test;
    auto mine = test.peer();
    auto other = test.peer();
    declare(mine, "q");
    mine.ask(1, Consume{.queue = "q", .consumer_tag = "c", .no_local = true, .no_ack = true});
    publish(mine, "q", "my own");
    EXPECT_THAT(mine.take(), IsEmpty());
    publish(other, "q", "from elsewhere");
    test.simulation.run_until_idle();
    EXPECT_THAT(mine.take(), ElementsAre(HasSubstr("from elsewhere")));
    EXPECT_THAT(other.ask(1, Consume{.queue = "q", .consumer_tag = "d", .no_ack = true}), HasSubstr("my own"));
}

TEST(Strict, ARejectedMessageComesBackToANewChannelOfTheSameNumber) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    consume(peer, "q", "c");
    publish(peer, "q", "m");
    peer.take();
    EXPECT_EQ(peer.ask(1, Reject{.delivery_tag = 1, .requeue = true}), "");
    consume(peer, "q", "another of this channel");
    EXPECT_THAT(peer.take(), IsEmpty());
    peer.ask(1, methods::channel::Close{.reply_code = 200});
    peer.ask(1, methods::channel::Open{});
    EXPECT_THAT(peer.ask(1, Consume{.queue = "q", .consumer_tag = "c"}), HasSubstr("redelivered=true"));
}

TEST(Strict, ARejectedMessageCanStillBeGot) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    consume(peer, "q", "c");
    publish(peer, "q", "m");
    peer.take();
    peer.ask(1, Reject{.delivery_tag = 1, .requeue = true});
    EXPECT_EQ(drain(peer, "q"), "m");
}

TEST(Strict, RecoverWithoutRequeueKeepsEachMessageWithItsConsumer) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    consume(peer, "q", "c");
    consume(peer, "q", "d");
    publish(peer, "q", "for c");
    publish(peer, "q", "for d");
    peer.take();
    EXPECT_THAT(
        peer.ask(1, Recover{.requeue = false}),
        AllOf(
            StartsWith("1 basic.recover-ok() ; 1 basic.deliver(consumer_tag=\"c\", delivery_tag=3, redelivered=true"),
            HasSubstr("1 basic.deliver(consumer_tag=\"d\", delivery_tag=4, redelivered=true")
        )
    );
    EXPECT_THAT(peer.ask(1, Ack{.delivery_tag = 1}), HasSubstr("unknown delivery tag 1"));
}

TEST(Strict, RecoverWithoutRequeueRequeuesWhatNobodyConsumesAnyMore) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    publish(peer, "q", "m");
    peer.ask(1, Get{.queue = "q"});
    EXPECT_EQ(peer.ask(1, Recover{.requeue = false}), "1 basic.recover-ok()");
    EXPECT_EQ(drain(peer, "q"), "m");
}

TEST(Strict, TheWindowInOctetsHoldsBackWhatDoesNotFitAndNeverASingleMessage) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    peer.ask(1, Qos{.prefetch_size = 10});
    consume(peer, "q", "c");
    for (const auto* body : {"123456", "1234", "1", "a message longer than the window"}) publish(peer, "q", body);
    EXPECT_EQ(peer.take().size(), 2u) << "10 octets are 10";
    EXPECT_THAT(peer.ask(1, Ack{.delivery_tag = 1}), AllOf(HasSubstr("\"1\""), Not(HasSubstr("longer"))));
    EXPECT_THAT(peer.ask(1, Ack{.delivery_tag = 3, .multiple = true}), HasSubstr("longer"));
}

TEST(Strict, RaisingAWindowLetsMoreThrough) {
    Strict test;
    auto peer = test.peer({.channels = 2});
    declare(peer, "q");
    peer.ask(1, Qos{.prefetch_count = 1, .global = true});
    consume(peer, "q", "c", 1);
    consume(peer, "q", "d", 2);
    for (int i = 0; i < 4; ++i) publish(peer, "q", "m");
    EXPECT_EQ(peer.take().size(), 1u);
    EXPECT_THAT(peer.ask(2, Qos{.prefetch_count = 3, .global = true}), HasSubstr("basic.deliver"));
    EXPECT_EQ(drain(peer, "q"), "m") << "three are out";
}

TEST(Strict, TheConnectionsWindowOpensWhenAChannelThatFilledItCloses) {
    Strict test;
    auto peer = test.peer({.channels = 2});
    declare(peer, "q");
    peer.ask(1, Qos{.prefetch_count = 1, .global = true});
    consume(peer, "q", "c", 1);
    publish(peer, "q", "m");
    consume(peer, "q", "d", 2);
    peer.take();
    EXPECT_THAT(
        peer.ask(1, methods::channel::Close{.reply_code = 200}), HasSubstr("2 basic.deliver(consumer_tag=\"d\"")
    );
}

TEST(Strict, HeadersAreTheApplicationsAndUserIdsToo) {
    Strict test;
    auto peer = test.peer();
    declare(peer, "q");
    const auto headers = FieldTableBuilder().add("BCC", LongString{"no array"});
    publish(peer, "q", "m", {.headers = headers.view(), .user_id = "somebody"});
    EXPECT_THAT(
        peer.ask(1, Get{.queue = "q"}), AllOf(HasSubstr("BCC=S\"no array\""), HasSubstr("user_id=\"somebody\""))
    );
    EXPECT_THAT(
        peer.ask(1, Consume{.queue = "amq.rabbitmq.reply-to", .no_ack = true}),
        HasSubstr("channel.close(reply_code=404")
    );
}

TEST(Strict, Answers0_9With0_9And0_8With0_9_1) {
    Strict test;
    auto peer = ScriptedPeer::silent(test.simulation);
    peer.send_octets(header_0_9);
    const auto start = joined(peer.take());
    EXPECT_THAT(start, HasSubstr("connection.start(version_major=0, version_minor=9"));
    auto old = ScriptedPeer::silent(test.simulation);
    old.send_octets(header_0_8);
    EXPECT_THAT(old.take(), ElementsAre("header 0 0 9 1"));
    EXPECT_TRUE(old.closed());
}

TEST(Strict, Speaks0_9ToThoseWhoAskForIt) {
    Strict test;
    auto peer = test.greeted_with(header_0_9);
    EXPECT_EQ(peer.ask(1, methods::access::Request{.realm = "/data", .read = true}), "1 access.request-ok(ticket=1)");
    EXPECT_THAT(declare(peer, "q"), HasSubstr("queue.declare-ok"));
    publish(peer, "q", "m");
    EXPECT_THAT(peer.ask(1, Get{.queue = "q"}), HasSubstr("redelivered=false"));
    EXPECT_EQ(peer.ask(1, methods::basic::RecoverAsync{.requeue = true}), "") << "its basic.recover is not answered";
    EXPECT_THAT(peer.ask(1, Get{.queue = "q"}), HasSubstr("redelivered=true"));
    EXPECT_THAT(peer.ask(1, Recover{.requeue = true}), HasSubstr("connection.close(reply_code=540"));
}

TEST(Strict, Has503In0_9Where0_9_1Has505) {
    const auto answer = [](const methods::ProtocolHeader& header) {
        Strict test;
        auto peer = test.greeted_with(header);
        peer.send(1, Publish{.routing_key = "q"});
        return peer.ask(1, Get{.queue = "q"});
    };
    EXPECT_THAT(answer(header_0_9), HasSubstr("reply_code=503, reply_text=\"COMMAND_INVALID"));
    EXPECT_THAT(answer(methods::protocol_header_091), HasSubstr("reply_code=505, reply_text=\"UNEXPECTED_FRAME"));
}

TEST(ProtocolVersion, EveryVersionHasItsOwnMethods) {
    EXPECT_TRUE(has_method(ProtocolVersion::v0_9_1, Recover::id));
    EXPECT_FALSE(has_method(ProtocolVersion::v0_9, Recover::id));
    EXPECT_TRUE(has_method(ProtocolVersion::v0_9, methods::access::Request::id));
    EXPECT_FALSE(has_method(ProtocolVersion::v0_9_1, methods::access::Request::id));
    EXPECT_FALSE(has_method(ProtocolVersion::v0_9_1, methods::confirm::SelectOk::id));
    EXPECT_TRUE(has_method(ProtocolVersion::v0_9, methods::queue::Unbind::id));
}

}  // namespace
}  // namespace simbroker::server091
