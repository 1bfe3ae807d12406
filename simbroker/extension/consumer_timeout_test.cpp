// The delivery acknowledgement timeout, as RabbitMQ 3.10.8, 4.0.5 and 4.3.6 were observed to have it.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::basic::Ack;
using methods::basic::Consume;
using methods::basic::Get;
using methods::queue::Declare;

struct TimeoutBroker : TestBroker {
    ScriptedPeer peer;

    explicit TimeoutBroker(const profile::Profile& profile, drive::ScriptedPeerOptions options = {.channels = 2})
        : TestBroker(profile), peer(TestBroker::peer(std::move(options))) {}

    void declare(const char* type, int timeout = 0) {
        FieldTableBuilder arguments;
        arguments.add("x-queue-type", LongString{type});
        if (timeout > 0) arguments.add("x-consumer-timeout", timeout);
        peer.ask(1, Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    }
    void consume(std::uint16_t prefetch = 1) {
        peer.ask(1, methods::basic::Qos{.prefetch_count = prefetch});
        peer.ask(1, Consume{.queue = "q", .consumer_tag = "c"});
    }
    std::string after(Duration duration) {
        advance(duration);
        std::string lines;
        for (const auto& line : peer.take()) lines += line + "\n";
        return lines;
    }
};

std::string timed_out(std::string_view used) {
    return "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: " +
           std::string(used) + " ms. This timeout value can be configured, see consumers doc guide to learn more" +
           "\", class_id=0, method_id=0)";
}

TEST(DeliveryTimeout, ClosesTheChannelAtItsNextLookAfterHalfAnHour) {
    TimeoutBroker test(profile::rabbitmq_3_10());
    test.declare("classic");
    test.advance(seconds(30));
    test.consume();
    publish(test.peer, "q", "m");
    test.peer.take();
    EXPECT_EQ(test.after(seconds(1800)), "") << "too old only when the channel looks, once a minute";
    EXPECT_THAT(test.after(seconds(60)), HasSubstr(timed_out("1800000")));
    const auto back = test.peer.ask(2, Get{.queue = "q"});
    EXPECT_THAT(back, HasSubstr("redelivered=true"));
}

TEST(DeliveryTimeout, DoesNotComeToWhatWasAcknowledgedInTime) {
    TimeoutBroker test(profile::rabbitmq_4_0());
    test.declare("classic");
    test.consume();
    publish(test.peer, "q", "a");
    test.peer.take();
    test.advance(seconds(1700));
    test.peer.ask(1, Ack{.delivery_tag = 1});
    publish(test.peer, "q", "b");
    test.peer.take();
    EXPECT_EQ(test.after(seconds(600)), "");
    EXPECT_THAT(test.after(seconds(1300)), HasSubstr("channel.close"));
}

TEST(DeliveryTimeout, IsTheQueuesOwnWhereTheVersionKnowsTheArgument) {
    const auto after_a_minute = [](const profile::Profile& profile) {
        TimeoutBroker test(profile);
        test.declare("quorum", 1000);
        test.consume();
        publish(test.peer, "q", "m");
        test.peer.take();
        return test.after(seconds(60));
    };
    EXPECT_EQ(after_a_minute(profile::rabbitmq_3_10()), "");
    EXPECT_THAT(after_a_minute(profile::rabbitmq_4_0()), HasSubstr(timed_out("1000")));
}

TEST(DeliveryTimeout, ComesToWhatWasGotAsWell) {
    TimeoutBroker test(profile::rabbitmq_4_0());
    test.declare("classic");
    publish(test.peer, "q", "m");
    test.peer.ask(1, Get{.queue = "q"});
    EXPECT_THAT(test.after(seconds(1860)), HasSubstr(timed_out("1800000")));
}

TEST(DeliveryTimeout, TakesTheMessageBackIntoAQuorumQueueSinceRabbitMq43) {
    TimeoutBroker test(profile::rabbitmq_4_3());
    test.declare("quorum", 1000);
    test.consume(2);
    for (const auto* body : {"a", "b", "c"}) publish(test.peer, "q", body);
    test.peer.take();
    EXPECT_EQ(test.after(milliseconds(1500)), "1 basic.cancel(consumer_tag=\"c\", no_wait=true)\n") << "said once";
    EXPECT_THAT(
        test.peer.ask(2, Declare{.queue = "q", .passive = true}), HasSubstr("message_count=3, consumer_count=1")
    );
    EXPECT_EQ(test.peer.ask(1, Ack{.delivery_tag = 1}), "") << "it still holds another";
    const auto again = test.peer.ask(1, Ack{.delivery_tag = 2});
    EXPECT_THAT(again, HasSubstr("delivery_tag=3, redelivered=true"));
    EXPECT_THAT(again, HasSubstr("{headers={x-acquired-count=l1}} \"a\"")) << "which was no failed delivery";
}

TEST(DeliveryTimeout, OfAQuorumQueueClosesTheChannelOfAClientThatCannotBeTold) {
    TimeoutBroker test(profile::rabbitmq_4_3(), {.capabilities = {}});
    test.declare("quorum", 1000);
    test.consume();
    publish(test.peer, "q", "m");
    test.peer.take();
    EXPECT_THAT(test.after(milliseconds(1500)), HasSubstr(timed_out("-1")));
}

TEST(DeliveryTimeout, IsNoneForClassicQueuesSinceRabbitMq43) {
    TimeoutBroker test(profile::rabbitmq_4_3());
    test.declare("classic");
    test.consume();
    publish(test.peer, "q", "m");
    test.peer.take();
    EXPECT_EQ(test.after(std::chrono::hours(48)), "");
}

TEST(DeliveryTimeout, CanBeConfiguredAway) {
    auto config = TestBroker::config_of(profile::rabbitmq_3_10());
    config.consumer_timeout = milliseconds(0);
    TestBroker test(config);
    auto peer = test.peer();
    declare(peer, "q");
    publish(peer, "q", "m");
    peer.ask(1, Get{.queue = "q"});
    test.advance(std::chrono::hours(48));
    EXPECT_THAT(peer.take(), IsEmpty());
}

}  // namespace
}  // namespace simbroker::server091
