// What a client finds after the broker was stopped in order, or crashed, and is up again. What is flagged as
// redelivered was observed at RabbitMQ 3.10.8: after an orderly stop what had been delivered, after a crash everything.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

constexpr std::uint8_t persistent = 2;

BrokerConfig with_slow_disk() {
    auto config = TestBroker::config_of(profile::rabbitmq_4_3());
    config.disk_sync_delay = milliseconds(100);
    return config;
}

struct Durability : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    void declare_durable(const std::string& queue) {
        peer.ask(1, methods::queue::Declare{.queue = queue, .durable = true});
    }
    void publish_persistent(const std::string& queue, std::string_view body) {
        publish(peer, queue, body, {.delivery_mode = persistent});
    }
    void restart(Input end) {
        test.simulation.inject(std::move(end));
        test.simulation.run_until_idle();
        test.simulation.inject(Start{});
        test.simulation.run_until_idle();
    }
};

TEST_F(Durability, KeepsPersistentMessagesOfDurableQueuesAndNothingElse) {
    for (const Input& end : {Input(Shutdown{}), Input(Crash{})}) {
        auto before = test.peer();
        declare(before, "transient");
        before.ask(1, methods::queue::Declare{.queue = "durable", .durable = true});
        publish(before, "transient", "lost", {.delivery_mode = persistent});
        publish(before, "durable", "kept", {.delivery_mode = persistent});
        publish(before, "durable", "lost");
        restart(end);
        auto after = test.peer();
        EXPECT_THAT(after.ask(1, methods::queue::Declare{.queue = "transient", .passive = true}), HasSubstr("404"));
        auto again = test.peer();
        EXPECT_EQ(drain(again, "durable"), "kept");
    }
}

TEST_F(Durability, AnOrderlyStopTellsTheClientsAndACrashDoesNot) {
    peer.take();
    test.simulation.inject(Shutdown{});
    test.simulation.run_until_idle();
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("connection.close(reply_code=320")));
    test.simulation.inject(Start{});
    auto next = test.peer();
    test.simulation.inject(Crash{});
    test.simulation.run_until_idle();
    EXPECT_THAT(next.take(), IsEmpty());
    EXPECT_TRUE(next.closed());
}

TEST_F(Durability, TakesNoConnectionWhileItIsDown) {
    test.simulation.inject(Crash{});
    test.simulation.run_until_idle();
    const auto refused = test.simulation.connect();
    test.simulation.run_until_idle();
    EXPECT_TRUE(test.simulation.closed(refused));
    test.simulation.inject(Start{});
    auto welcome = test.peer();
    EXPECT_THAT(declare(welcome, "q"), HasSubstr("queue.declare-ok"));
}

TEST_F(Durability, FlagsWhatWasDeliveredAfterAnOrderlyStopAndEverythingAfterACrash) {
    declare_durable("q");
    publish_persistent("q", "a");
    publish_persistent("q", "b");
    peer.ask(1, methods::basic::Get{.queue = "q"});
    restart(Shutdown{});
    auto second = test.peer();
    EXPECT_THAT(second.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("redelivered=true"));
    EXPECT_THAT(second.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("redelivered=false"));
    second.disconnect();
    publish_persistent("q", "c");
    restart(Crash{});
    auto third = test.peer();
    for (const auto* body : {"\"a\"", "\"b\""}) {
        const auto line = third.ask(1, methods::basic::Get{.queue = "q"});
        EXPECT_THAT(line, HasSubstr("redelivered=true"));
        EXPECT_THAT(line, HasSubstr(body));
    }
}

TEST_F(Durability, KeepsDurableExchangesAndTheirBindings) {
    declare_durable("q");
    declare(peer, "transient");
    peer.ask(1, methods::exchange::Declare{.exchange = "durable", .type = "fanout", .durable = true});
    peer.ask(1, methods::queue::Bind{.queue = "q", .exchange = "durable"});
    peer.ask(1, methods::queue::Bind{.queue = "transient", .exchange = "durable"});
    restart(Crash{});
    auto after = test.peer();
    after.publish(1, {.exchange = "durable"}, "m", {});
    EXPECT_EQ(drain(after, "q"), "m");
}

// RabbitMQ 4.3 keeps them with the durable ones.
TEST(TransientExchanges, GoWithTheBrokerUntilRabbitMq43) {
    const auto asked_after_a_crash = [](const profile::Profile& profile) {
        TestBroker test(profile);
        test.peer().ask(1, methods::exchange::Declare{.exchange = "transient", .type = "fanout"});
        test.simulation.inject(Crash{});
        test.simulation.inject(Start{});
        test.simulation.run_until_idle();
        return test.peer().ask(1, methods::exchange::Declare{.exchange = "transient", .passive = true});
    };
    EXPECT_THAT(asked_after_a_crash(profile::rabbitmq_3_10()), HasSubstr("404"));
    EXPECT_THAT(asked_after_a_crash(profile::rabbitmq_4_0()), HasSubstr("404"));
    EXPECT_EQ(asked_after_a_crash(profile::rabbitmq_4_3()), "1 exchange.declare-ok()");
}

TEST_F(Durability, ExclusiveQueuesAreGone) {
    peer.ask(1, methods::queue::Declare{.queue = "mine", .durable = true, .exclusive = true});
    restart(Crash{});
    auto after = test.peer();
    EXPECT_THAT(after.ask(1, methods::queue::Declare{.queue = "mine", .passive = true}), HasSubstr("404"));
}

TEST_F(Durability, TimeToLiveRunsWhileTheBrokerIsDown) {
    FieldTableBuilder arguments;
    arguments.add("x-message-ttl", std::int32_t{10'000});
    peer.ask(1, methods::queue::Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    publish_persistent("q", "old");
    test.advance(seconds(5));
    publish_persistent("q", "young");
    peer.take();
    test.simulation.inject(Crash{});
    test.advance(seconds(6));
    test.simulation.inject(Start{});
    auto after = test.peer();
    EXPECT_EQ(drain(after, "q"), "young");
}

TEST_F(Durability, AQuorumQueueKeepsEveryMessageAndCountsTheDeliveriesThatWereLost) {
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"quorum"});
    peer.ask(1, methods::queue::Declare{.queue = "q", .durable = true, .arguments = arguments.view()});
    publish(peer, "q", "delivered");
    publish(peer, "q", "waiting");
    peer.ask(1, methods::basic::Get{.queue = "q"});
    restart(Crash{});
    auto after = test.peer();
    const auto first = after.ask(1, methods::basic::Get{.queue = "q"});
    EXPECT_THAT(first, HasSubstr("redelivered=true"));
    EXPECT_THAT(first, HasSubstr("\"delivered\""));
    const auto second = after.ask(1, methods::basic::Get{.queue = "q"});
    EXPECT_THAT(second, HasSubstr("redelivered=false"));
    EXPECT_THAT(second, HasSubstr("\"waiting\""));
}

TEST_F(Durability, AStreamIsReadAgainFromTheBeginning) {
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"stream"});
    peer.ask(1, methods::queue::Declare{.queue = "s", .durable = true, .arguments = arguments.view()});
    const auto read_from_first = [](ScriptedPeer& reader) {
        FieldTableBuilder from;
        from.add("x-stream-offset", LongString{"first"});
        reader.ask(1, methods::basic::Qos{.prefetch_count = 10});
        reader.send(1, methods::basic::Consume{.queue = "s", .consumer_tag = "c", .arguments = from.view()});
        return reader.take().size();
    };
    publish(peer, "s", "one");
    publish(peer, "s", "two");
    EXPECT_EQ(read_from_first(peer), 3u);
    restart(Crash{});
    auto after = test.peer();
    EXPECT_EQ(read_from_first(after), 3u);
}

struct SlowDisk : testing::Test {
    TestBroker test{with_slow_disk()};
    ScriptedPeer peer = test.peer();

    void SetUp() override {
        peer.ask(1, methods::queue::Declare{.queue = "q", .durable = true});
        peer.ask(1, methods::confirm::Select{});
    }
    void crash_and_start() {
        test.simulation.inject(Crash{});
        test.simulation.run_until_idle();
        test.simulation.inject(Start{});
    }
};

TEST_F(SlowDisk, ConfirmsWhatIsSafeAndLosesWhatIsNot) {
    publish(peer, "q", "first", {.delivery_mode = persistent});
    EXPECT_THAT(peer.take(), IsEmpty());
    test.advance(milliseconds(60));
    publish(peer, "q", "second", {.delivery_mode = persistent});
    test.advance(milliseconds(60));
    EXPECT_THAT(peer.take(), ElementsAre("1 basic.ack(delivery_tag=1, multiple=false)"));
    crash_and_start();
    auto after = test.peer();
    EXPECT_EQ(drain(after, "q"), "first");
}

TEST_F(SlowDisk, ConfirmsTransientMessagesAtOnceAndNeverThoseBeforeThem) {
    publish(peer, "q", "persistent", {.delivery_mode = persistent});
    publish(peer, "q", "transient");
    publish(peer, "q", "transient");
    EXPECT_THAT(
        peer.take(),
        ElementsAre("1 basic.ack(delivery_tag=2, multiple=false)", "1 basic.ack(delivery_tag=3, multiple=false)")
    );
    test.advance(milliseconds(100));
    EXPECT_THAT(peer.take(), ElementsAre("1 basic.ack(delivery_tag=1, multiple=false)"));
}

TEST_F(SlowDisk, ACrashUndoesAnAcknowledgementThatHadNotReachedIt) {
    publish(peer, "q", "m", {.delivery_mode = persistent});
    test.advance(milliseconds(100));
    peer.ask(1, methods::basic::Get{.queue = "q", .no_ack = true});
    test.advance(milliseconds(50));
    peer.take();
    crash_and_start();
    auto after = test.peer();
    EXPECT_EQ(drain(after, "q"), "m");
    test.advance(milliseconds(100));
    crash_and_start();
    auto later = test.peer();
    EXPECT_EQ(drain(later, "q"), "");
}

TEST_F(SlowDisk, AnOrderlyStopLosesNothing) {
    publish(peer, "q", "m", {.delivery_mode = persistent});
    test.simulation.inject(Shutdown{});
    test.simulation.run_until_idle();
    test.simulation.inject(Start{});
    auto after = test.peer();
    EXPECT_EQ(drain(after, "q"), "m");
}

TEST_F(SlowDisk, CommitsWhenTheMessagesAreSafe) {
    auto other = test.peer();
    other.ask(1, methods::tx::Select{});
    publish(other, "q", "m", {.delivery_mode = persistent});
    other.send(1, methods::tx::Commit{});
    EXPECT_THAT(other.take(), IsEmpty());
    test.advance(milliseconds(100));
    EXPECT_THAT(other.take(), ElementsAre("1 tx.commit-ok()"));
}

}  // namespace
}  // namespace simbroker::server091
