// Messages of a quorum queue that come back and wait before they are delivered again, as RabbitMQ 4.3 documents it.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::queue::Declare;

struct Retrying : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer({.channels = 2});

    std::string declare(
        const std::string& type, std::int64_t min = 3000, std::int64_t max = 7000, std::uint16_t channel = 1
    ) {
        FieldTableBuilder arguments;
        arguments.add("x-queue-type", LongString{"quorum"});
        arguments.add("x-delayed-retry-type", LongString{type});
        arguments.add("x-delayed-retry-min", min);
        arguments.add("x-delayed-retry-max", max);
        return peer.ask(channel, Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    }
    std::string get() { return peer.ask(1, methods::basic::Get{.queue = "q"}); }
    void got_and_rejected() {
        ASSERT_THAT(get(), HasSubstr("basic.get-ok"));
        peer.ask(1, methods::basic::Reject{.delivery_tag = ++tag, .requeue = true});
    }
    void got_and_nacked() {
        ASSERT_THAT(get(), HasSubstr("basic.get-ok"));
        peer.ask(1, methods::basic::Nack{.delivery_tag = ++tag, .requeue = true});
    }
    // After how many milliseconds, to the next full hundred, there is something to get again.
    int pause() {
        for (int waited = 0; waited <= 20'000; waited += 100) {
            const auto answer = peer.ask(1, Declare{.queue = "q", .passive = true});
            if (answer.contains("message_count=1")) return waited;
            test.advance(milliseconds(100));
        }
        return -1;
    }

    std::uint64_t tag = 0;
};

TEST_F(Retrying, WaitsLongerWithEveryFailureUpToALimit) {
    declare("all");
    publish(peer, "q", "m");
    for (const int expected : {3000, 6000, 7000, 7000}) {
        got_and_rejected();
        EXPECT_THAT(get(), HasSubstr("basic.get-empty"));
        EXPECT_EQ(pause(), expected);
    }
}

TEST_F(Retrying, WaitsTheMinimumForWhatDidNotFail) {
    declare("all");
    publish(peer, "q", "m");
    for (int i = 0; i < 3; ++i) {
        got_and_nacked();
        EXPECT_EQ(pause(), 3000);
    }
}

TEST_F(Retrying, CanBeForFailuresAlone) {
    declare("failed");
    publish(peer, "q", "m");
    got_and_nacked();
    EXPECT_EQ(pause(), 0);
    got_and_rejected();
    EXPECT_EQ(pause(), 3000);
}

TEST_F(Retrying, CanBeForReturnsAlone) {
    declare("returned");
    publish(peer, "q", "m");
    got_and_rejected();
    EXPECT_EQ(pause(), 0);
    got_and_nacked();
    EXPECT_EQ(pause(), 3000);
}

TEST_F(Retrying, DeliversToAConsumerWhenThePauseIsOver) {
    declare("all");
    peer.ask(2, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    publish(peer, "q", "m");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("delivery_tag=1")));
    peer.ask(2, methods::basic::Reject{.delivery_tag = 1, .requeue = true});
    test.advance(milliseconds(2999));
    EXPECT_THAT(peer.take(), IsEmpty());
    test.advance(milliseconds(1));
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("delivery_tag=2")));
}

TEST_F(Retrying, DoesNotHoldUpOthersAndEndsAtTheDeliveryLimit) {
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"quorum"});
    arguments.add("x-delivery-limit", std::int64_t{1});
    arguments.add("x-delayed-retry-type", LongString{"all"});
    arguments.add("x-delayed-retry-min", std::int64_t{1000});
    peer.ask(1, Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    publish(peer, "q", "m");
    got_and_rejected();
    publish(peer, "q", "n");
    EXPECT_EQ(drain(peer, "q"), "n");
    ++tag;
    EXPECT_EQ(pause(), 1000);
    got_and_rejected();
    EXPECT_EQ(pause(), -1) << "it failed once too often";
}

TEST_F(Retrying, GoesOnAfterARestart) {
    declare("all");
    publish(peer, "q", "m");
    got_and_rejected();
    test.simulation.inject(Crash{});
    test.simulation.inject(Start{});
    test.simulation.run_until_idle();
    auto again = test.peer();
    EXPECT_EQ(drain(again, "q"), "");
    test.advance(seconds(3));
    EXPECT_EQ(drain(again, "q"), "m");
}

TEST_F(Retrying, IsSetByPolicies) {
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"quorum"});
    peer.ask(1, Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    const std::string definition = R"({"delayed-retry-type": "all", "delayed-retry-min": 500})";
    EXPECT_EQ(test.operate(operation::SetPolicy{.policy = "p", .pattern = "q", .definition = {definition}}), "");
    publish(peer, "q", "m");
    got_and_rejected();
    EXPECT_EQ(pause(), 500);
}

TEST_F(Retrying, RefusesWhatIsNoTypeAndNoTime) {
    EXPECT_THAT(declare("often"), HasSubstr("invalid arg 'x-delayed-retry-type' for queue 'q' in vhost '/'"));
    EXPECT_THAT(declare("all", -1, 0, 2), HasSubstr("invalid arg 'x-delayed-retry-min' for queue 'q' in vhost '/'"));
}

TEST(DelayedRetry, IsUnknownBefore43) {
    TestBroker test(profile::rabbitmq_4_0());
    auto peer = test.peer();
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"quorum"});
    arguments.add("x-delayed-retry-type", true);
    arguments.add("x-delayed-retry-min", LongString{"soon"});
    peer.ask(1, Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    publish(peer, "q", "m");
    peer.ask(1, methods::basic::Get{.queue = "q"});
    peer.ask(1, methods::basic::Reject{.delivery_tag = 1, .requeue = true});
    EXPECT_EQ(drain(peer, "q"), "m");
}

}  // namespace
}  // namespace simbroker::server091
