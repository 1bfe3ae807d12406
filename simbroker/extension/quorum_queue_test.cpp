// Quorum queues as a client sees them, each answer as RabbitMQ 3.10.8, 4.0.5 or 4.3.6 was observed to give it.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::basic::Get;
using methods::queue::Declare;
using testing::Not;

struct QuorumBroker : TestBroker {
    using TestBroker::TestBroker;
    ScriptedPeer peer = TestBroker::peer({.channels = 2});

    std::string declare(const std::string& name, FieldTableBuilder arguments = FieldTableBuilder()) {
        arguments.add("x-queue-type", LongString{"quorum"});
        return peer.ask(1, Declare{.queue = name, .durable = true, .arguments = arguments.view()});
    }
    void publish(std::string_view bodies, const BasicProperties& properties = {}) {
        for (const char body : bodies) peer.publish(1, {.routing_key = "q"}, std::string(1, body), properties);
        peer.take();
    }
    std::string get() { return peer.ask(1, Get{.queue = "q"}); }
    void back(std::uint64_t tag) { peer.ask(1, methods::basic::Reject{.delivery_tag = tag, .requeue = true}); }
    std::string drained() { return drain(peer, "q"); }
};

FieldTableBuilder limit(std::int64_t value) {
    FieldTableBuilder arguments;
    arguments.add("x-delivery-limit", value);
    return arguments;
}

TEST(QuorumQueue, IsDurableAndForEverybody) {
    QuorumBroker test;
    const auto answer = [&](Declare declare) {
        FieldTableBuilder arguments;
        arguments.add("x-queue-type", LongString{"quorum"});
        declare.arguments = arguments.view();
        auto peer = test.TestBroker::peer();
        return peer.ask(1, declare);
    };
    EXPECT_THAT(answer({.queue = "q"}), HasSubstr("invalid property 'non-durable' for queue 'q' in vhost '/'"));
    EXPECT_THAT(answer({.queue = "q", .exclusive = true}), HasSubstr("invalid property 'exclusive-owner'"));
    EXPECT_THAT(answer({.queue = "q", .auto_delete = true}), HasSubstr("invalid property 'auto-delete'"));
    EXPECT_THAT(
        answer({.durable = true}), HasSubstr("Cannot declare a server-named queue for type rabbit_quorum_queue")
    );
    EXPECT_THAT(answer({.queue = "q", .durable = true}), HasSubstr("queue.declare-ok"));
}

TEST(QuorumQueue, RefusesTheArgumentsOfOtherTypes) {
    QuorumBroker test;
    FieldTableBuilder arguments;
    arguments.add("x-queue-mode", LongString{"lazy"});
    EXPECT_THAT(
        test.declare("q", std::move(arguments)),
        HasSubstr("invalid arg 'x-queue-mode' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue")
    );
}

TEST(QuorumQueue, IsNotEquivalentToAClassicOne) {
    const auto redeclared = [](const profile::Profile& profile) {
        QuorumBroker test(profile);
        test.declare("q");
        return test.peer.ask(1, Declare{.queue = "q", .durable = true});
    };
    EXPECT_THAT(
        redeclared(profile::rabbitmq_3_10()),
        HasSubstr("received none but current is the value 'quorum' of type 'longstr'")
    );
    EXPECT_THAT(redeclared(profile::rabbitmq_4_3()), HasSubstr("received 'classic' but current is 'quorum'"));
}

TEST(QuorumQueue, CountsDeliveriesInAHeader) {
    const auto third_get = [](const profile::Profile& profile, bool by_nack) {
        QuorumBroker test(profile);
        test.declare("q");
        test.publish("m");
        for (std::uint64_t tag = 1; tag < 3; ++tag) {
            test.get();
            if (by_nack) {
                test.peer.ask(1, methods::basic::Nack{.delivery_tag = tag, .requeue = true});
            } else {
                test.back(tag);
            }
        }
        return test.get();
    };
    EXPECT_THAT(third_get(profile::rabbitmq_3_10(), true), HasSubstr("headers={x-delivery-count=l2}"));
    EXPECT_THAT(third_get(profile::rabbitmq_4_0(), false), HasSubstr("headers={x-delivery-count=l2}"));
    EXPECT_THAT(
        third_get(profile::rabbitmq_4_3(), false), HasSubstr("headers={x-acquired-count=l2,x-delivery-count=l2}")
    );
    EXPECT_THAT(third_get(profile::rabbitmq_4_3(), true), HasSubstr("headers={x-acquired-count=l2}"));
}

TEST(QuorumQueue, TellsOfNoDeliveriesInTheFirstGetOfRabbitMq310Only) {
    QuorumBroker old(profile::rabbitmq_3_10());
    old.declare("q");
    old.publish("mn");
    EXPECT_THAT(old.get(), HasSubstr("headers={x-delivery-count=l0}"));
    EXPECT_THAT(old.peer.ask(1, methods::basic::Consume{.queue = "q"}), Not(HasSubstr("x-delivery-count")));
    QuorumBroker test;
    test.declare("q");
    test.publish("m");
    EXPECT_THAT(test.get(), Not(HasSubstr("headers")));
}

TEST(QuorumQueue, DropsAMessageBeyondItsDeliveryLimit) {
    const auto gets = [](const profile::Profile& profile, const FieldTableBuilder& arguments) {
        QuorumBroker test(profile);
        test.declare("q", arguments);
        test.publish("m");
        std::uint64_t count = 0;
        while (count < 30 && test.get().find("get-ok") != std::string::npos) test.back(++count);
        return count;
    };
    const FieldTableBuilder none;
    EXPECT_EQ(gets(profile::rabbitmq_3_10(), none), 30u);
    EXPECT_EQ(gets(profile::rabbitmq_4_0(), none), 21u);
    EXPECT_EQ(gets(profile::rabbitmq_4_3(), none), 21u);
    EXPECT_EQ(gets(profile::rabbitmq_4_3(), limit(3)), 4u);
    EXPECT_EQ(gets(profile::rabbitmq_4_3(), limit(-1)), 30u);
    EXPECT_EQ(gets(profile::rabbitmq_3_10(), limit(-1)), 1u) << "where -1 is a limit like any other";
    FieldTableBuilder text;
    text.add("x-delivery-limit", LongString{"5"});
    EXPECT_EQ(gets(profile::rabbitmq_4_0(), text), 30u) << "no number is less than a text";
    EXPECT_EQ(gets(profile::rabbitmq_4_3(), text), 21u);
}

TEST(QuorumQueue, DeadLettersAMessageBeyondItsDeliveryLimit) {
    QuorumBroker test;
    declare(test.peer, "dead");
    auto arguments = limit(1);
    arguments.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"dead"});
    test.declare("q", arguments);
    test.publish("m");
    test.get();
    test.back(1);
    test.get();
    test.back(2);
    const auto dead = test.peer.ask(1, Get{.queue = "dead"});
    EXPECT_THAT(dead, HasSubstr("reason=S\"delivery_limit\""));
    EXPECT_THAT(dead, Not(HasSubstr("x-delivery-count")));
}

TEST(QuorumQueue, ReturnsMessagesToTheFrontOrTheTail) {
    const auto order = [](const profile::Profile& profile, const FieldTableBuilder& arguments) {
        QuorumBroker test(profile);
        test.declare("q", arguments);
        test.publish("abcd");
        for (int i = 0; i < 3; ++i) test.get();
        for (const std::uint64_t tag : {2U, 3U, 1U}) test.back(tag);
        return test.drained();
    };
    EXPECT_EQ(order(profile::rabbitmq_3_10(), FieldTableBuilder()), "d b c a");
    EXPECT_EQ(order(profile::rabbitmq_3_10(), limit(5)), "b c a d");
    EXPECT_EQ(order(profile::rabbitmq_4_0(), FieldTableBuilder()), "b c a d");
    EXPECT_EQ(order(profile::rabbitmq_4_0(), limit(-1)), "d b c a");
    EXPECT_EQ(order(profile::rabbitmq_4_3(), limit(-1)), "b c a d");
}

TEST(QuorumQueue, ReturnsWhatAChannelHeldToTheFront) {
    QuorumBroker test(profile::rabbitmq_3_10());
    test.declare("q");
    test.publish("abc");
    test.peer.ask(2, methods::basic::Get{.queue = "q"});
    test.peer.ask(2, methods::channel::Close{.reply_code = 200});
    EXPECT_EQ(test.drained(), "a b c");
}

TEST(QuorumQueue, KnowsPrioritiesAsItsVersionDoes) {
    const auto order = [](const profile::Profile& profile) {
        QuorumBroker test(profile);
        test.declare("q");
        for (std::uint8_t priority = 0; priority < 9; ++priority) {
            test.publish(std::string(1, static_cast<char>('0' + priority)), {.priority = priority});
        }
        test.publish("n");
        return test.drained();
    };
    EXPECT_EQ(order(profile::rabbitmq_3_10()), "0 1 2 3 4 5 6 7 8 n");
    EXPECT_EQ(order(profile::rabbitmq_4_0()), "5 6 0 7 8 1 2 3 4 n");
    EXPECT_EQ(order(profile::rabbitmq_4_3()), "8 7 6 5 4 n 3 2 1 0");
}

TEST(QuorumQueue, DropsAtItsHeadWhenItIsTooLong) {
    QuorumBroker test;
    FieldTableBuilder arguments;
    arguments.add("x-max-length", 2).add("x-overflow", LongString{"reject-publish-dlx"});
    test.declare("q", arguments);
    test.publish("abcd");
    EXPECT_EQ(test.drained(), "c d") << "reject-publish-dlx means drop-head to it";
}

TEST(QuorumQueue, RefusesPublishersFromOneTooManyUntilItIsAFifthShorter) {
    QuorumBroker test;
    FieldTableBuilder arguments;
    arguments.add("x-max-length", 5).add("x-overflow", LongString{"reject-publish"});
    test.declare("q", arguments);
    test.peer.ask(1, methods::confirm::Select{});
    const auto outcome = [&] {
        test.peer.publish(1, {.routing_key = "q"}, "m");
        const auto lines = test.peer.take();
        return lines.front().find("basic.ack") != std::string::npos ? 'a' : 'n';
    };
    std::string outcomes;
    for (int i = 0; i < 8; ++i) outcomes += outcome();
    EXPECT_EQ(outcomes, "aaaaaann");
    const auto take_one = [&] { test.peer.ask(1, Get{.queue = "q", .no_ack = true}); };
    take_one();
    EXPECT_EQ(outcome(), 'n') << "five are left";
    take_one();
    EXPECT_EQ(outcome(), 'a') << "four were left";
}

TEST(QuorumQueue, CountsPropertiesAmongItsBytesSinceRabbitMq43) {
    const auto left = [](const profile::Profile& profile) {
        QuorumBroker test(profile);
        FieldTableBuilder arguments;
        arguments.add("x-max-length-bytes", 4);
        test.declare("q", arguments);
        test.publish("abcd");
        return test.drained();
    };
    EXPECT_EQ(left(profile::rabbitmq_4_0()), "a b c d");
    EXPECT_EQ(left(profile::rabbitmq_4_3()), "d") << "two octets of flags each";
}

TEST(QuorumQueue, RefusesWhatItCannotDo) {
    const auto answer = [](const methods::Method& method, FieldTableBuilder arguments = FieldTableBuilder()) {
        QuorumBroker test(profile::rabbitmq_4_0());
        test.declare("q", std::move(arguments));
        test.peer.ask(1, methods::basic::Qos{.prefetch_count = 5, .global = true});
        return test.peer.ask(1, method);
    };
    EXPECT_THAT(
        answer(methods::queue::Delete{.queue = "q", .if_unused = true}),
        HasSubstr("540, reply_text=\"NOT_IMPLEMENTED - cannot delete queue 'q' in vhost '/'. queue.delete operations "
                  "with if-unused flag set are not supported by quorum queues\"")
    );
    EXPECT_THAT(
        answer(methods::basic::Consume{.queue = "q"}),
        HasSubstr("540, reply_text=\"NOT_IMPLEMENTED - queue 'q' in vhost '/' does not support global qos\"")
    );
    FieldTableBuilder single;
    single.add("x-single-active-consumer", true);
    EXPECT_THAT(
        answer(Get{.queue = "q"}, single),
        HasSubstr("basic.get operations are not supported by quorum queues with single active consumer")
    );
}

TEST(QuorumQueue, HasNoExclusiveConsumers) {
    QuorumBroker test;
    test.declare("q");
    using methods::basic::Consume;
    test.peer.ask(1, Consume{.queue = "q", .consumer_tag = "x", .exclusive = true});
    EXPECT_THAT(test.peer.ask(1, Consume{.queue = "q", .consumer_tag = "y"}), HasSubstr("consume-ok"));
}

TEST(QuorumQueue, ServesTheSingleActiveConsumerOfTheHighestPrioritySinceRabbitMq40) {
    const auto served = [](const profile::Profile& profile) {
        QuorumBroker test(profile);
        FieldTableBuilder single, high;
        single.add("x-single-active-consumer", true);
        high.add("x-priority", 10);
        test.declare("q", single);
        using methods::basic::Consume;
        test.peer.ask(1, Consume{.queue = "q", .consumer_tag = "x"});
        test.peer.ask(1, Consume{.queue = "q", .consumer_tag = "y", .arguments = high.view()});
        test.peer.publish(2, {.routing_key = "q"}, "m");
        return test.peer.take().front();
    };
    EXPECT_THAT(served(profile::rabbitmq_3_10()), HasSubstr("consumer_tag=\"x\""));
    EXPECT_THAT(served(profile::rabbitmq_4_3()), HasSubstr("consumer_tag=\"y\""));
}

FieldTableBuilder at_least_once() {
    FieldTableBuilder arguments;
    arguments.add("x-dead-letter-strategy", LongString{"at-least-once"})
        .add("x-overflow", LongString{"reject-publish"})
        .add("x-dead-letter-exchange", LongString{""})
        .add("x-dead-letter-routing-key", LongString{"dead"})
        .add("x-max-length", 2);
    return arguments;
}

TEST(QuorumQueue, HoldsDeadLettersThatMustArriveUntilThereIsARoute) {
    QuorumBroker test;
    test.declare("q", at_least_once());
    test.publish("a");
    test.get();
    test.peer.ask(1, methods::basic::Reject{.delivery_tag = 1});
    declare(test.peer, "dead");
    test.advance(seconds(179));
    EXPECT_EQ(drain(test.peer, "dead"), "") << "it is tried again after three minutes";
    test.advance(seconds(1));
    const auto dead = test.peer.ask(1, Get{.queue = "dead"});
    EXPECT_THAT(dead, HasSubstr("reason=S\"rejected\""));
    test.advance(seconds(600));
    EXPECT_EQ(drain(test.peer, "dead"), "") << "and comes once";
}

TEST(QuorumQueue, CountsTheDeadLettersItHoldsInItsLength) {
    QuorumBroker test;
    test.declare("q", at_least_once());
    test.publish("ab");
    for (const std::uint64_t tag : {1U, 2U}) {
        test.get();
        test.peer.ask(1, methods::basic::Reject{.delivery_tag = tag});
    }
    test.publish("cde");
    EXPECT_EQ(test.drained(), "c") << "one too many is taken, then no more";
}

TEST(QuorumQueue, TriesADeadLetterAgainThatAFullQueueRefused) {
    QuorumBroker test;
    FieldTableBuilder full;
    full.add("x-max-length", 1).add("x-overflow", LongString{"reject-publish"});
    declare(test.peer, "dead", full);
    publish(test.peer, "dead", "z");
    test.declare("q", at_least_once());
    test.publish("a");
    test.get();
    test.peer.ask(1, methods::basic::Reject{.delivery_tag = 1});
    EXPECT_EQ(drain(test.peer, "dead"), "z");
    test.advance(seconds(180));
    EXPECT_EQ(drain(test.peer, "dead"), "a");
}

TEST(QuorumQueue, LetsDeadLettersGetLostIfItDropsAtItsHead) {
    QuorumBroker test;
    FieldTableBuilder arguments;
    arguments.add("x-dead-letter-strategy", LongString{"at-least-once"})
        .add("x-dead-letter-exchange", LongString{""})
        .add("x-dead-letter-routing-key", LongString{"dead"});
    test.declare("q", arguments);
    test.publish("a");
    test.get();
    test.peer.ask(1, methods::basic::Reject{.delivery_tag = 1});
    declare(test.peer, "dead");
    test.advance(seconds(600));
    EXPECT_EQ(drain(test.peer, "dead"), "");
}

}  // namespace
}  // namespace simbroker::server091
