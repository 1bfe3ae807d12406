#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::queue::Declare;

std::string closed(std::string_view text, int method_id, int code = 406) {
    return "1 channel.close(reply_code=" + std::to_string(code) + ", reply_text=\"" + std::string(text) +
           "\", class_id=50, method_id=" + std::to_string(method_id) + ")";
}

std::string declared(std::string_view name, int messages, int consumers) {
    return "1 queue.declare-ok(queue=\"" + std::string(name) + "\", message_count=" + std::to_string(messages) +
           ", consumer_count=" + std::to_string(consumers) + ")";
}

struct Queues : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    std::string passive(const std::string& name) { return peer.ask(1, Declare{.queue = name, .passive = true}); }
};

TEST_F(Queues, CountReadyMessagesAndConsumers) {
    EXPECT_EQ(declare(peer, "q"), declared("q", 0, 0));
    publish(peer, "q", "a");
    publish(peer, "q", "b");
    EXPECT_EQ(passive("q"), declared("q", 2, 0));
    peer.ask(1, methods::basic::Qos{.prefetch_count = 1});
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_EQ(passive("q"), declared("q", 1, 1));
}

TEST_F(Queues, WithoutANameGetOneThatIsTheSameForTheSameSeed) {
    const auto line = peer.ask(1, Declare{.exclusive = true});
    EXPECT_THAT(line, HasSubstr("queue=\"amq.gen-"));
    TestBroker again;
    auto other = again.peer();
    EXPECT_EQ(other.ask(1, Declare{.exclusive = true}), line);
    EXPECT_NE(other.ask(1, Declare{.exclusive = true}), line) << "and a new one each time";
}

TEST_F(Queues, WithReservedNamesAreRefused) {
    EXPECT_EQ(
        declare(peer, "amq.mine"),
        closed("ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'", 10, 403)
    );
}

TEST_F(Queues, DeclaredAgainMustBeEquivalent) {
    declare(peer, "q");
    EXPECT_EQ(
        peer.ask(1, Declare{.queue = "q", .durable = true}),
        closed(
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current "
            "is 'false'",
            10
        )
    );
}

TEST_F(Queues, CompareIntegersByValueAndNameTheFirstDifference) {
    FieldTableBuilder five, five_long, six;
    five.add("x-message-ttl", std::int32_t{5});
    five_long.add("x-message-ttl", std::int64_t{5});
    six.add("x-message-ttl", std::int32_t{6});
    declare(peer, "q", five);
    EXPECT_EQ(declare(peer, "q", five_long), declared("q", 0, 0));
    EXPECT_EQ(
        declare(peer, "q", six),
        closed(
            "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received '6' but "
            "current is '5'",
            10
        )
    );
}

TEST_F(Queues, SayWhichArgumentWasMissing) {
    FieldTableBuilder ttl;
    ttl.add("x-message-ttl", std::int32_t{5});
    declare(peer, "q", ttl);
    EXPECT_EQ(
        declare(peer, "q"),
        closed(
            "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received none but "
            "current is the value '5' of type 'signedint'",
            10
        )
    );
}

TEST_F(Queues, ExclusiveOnesAreLockedForOthersAndGoWithTheirConnection) {
    peer.ask(1, Declare{.queue = "mine", .exclusive = true});
    auto other = test.peer();
    EXPECT_THAT(
        other.ask(1, methods::basic::Get{.queue = "mine"}),
        HasSubstr("reply_code=405, reply_text=\"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue "
                  "'mine' in vhost '/'.")
    );
    peer.disconnect();
    test.simulation.run_until_idle();
    auto third = test.peer();
    EXPECT_THAT(third.ask(1, Declare{.queue = "mine", .passive = true}), HasSubstr("NOT_FOUND"));
}

TEST_F(Queues, ThatDeleteThemselvesGoWithTheirLastConsumer) {
    peer.ask(1, Declare{.queue = "q", .auto_delete = true});
    EXPECT_EQ(passive("q"), declared("q", 0, 0)) << "never before they had one";
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_EQ(peer.ask(1, methods::basic::Cancel{.consumer_tag = "c"}), "1 basic.cancel-ok(consumer_tag=\"c\")");
    EXPECT_EQ(passive("q"), closed("NOT_FOUND - no queue 'q' in vhost '/'", 10, 404));
}

TEST_F(Queues, ThatExpireGoWhenUnusedForSoLong) {
    FieldTableBuilder expires;
    expires.add("x-expires", std::int32_t{1800000});
    declare(peer, "q", expires);
    test.advance(seconds(1799));
    EXPECT_EQ(passive("q"), declared("q", 0, 0)) << "asking is using";
    test.advance(seconds(1799));
    peer.ask(1, methods::basic::Get{.queue = "q"});
    test.advance(seconds(1801));
    EXPECT_EQ(passive("q"), closed("NOT_FOUND - no queue 'q' in vhost '/'", 10, 404));
}

TEST_F(Queues, PurgeLeavesWhatIsOutAndCountsWhatGoes) {
    declare(peer, "q");
    for (const auto* body : {"a", "b", "c"}) publish(peer, "q", body);
    peer.ask(1, methods::basic::Get{.queue = "q"});
    EXPECT_EQ(peer.ask(1, methods::queue::Purge{.queue = "q"}), "1 queue.purge-ok(message_count=2)");
    peer.ask(1, methods::basic::Reject{.delivery_tag = 1, .requeue = true});
    EXPECT_EQ(drain(peer, "q"), "a");
}

TEST_F(Queues, DeleteKnowsItsConditions) {
    declare(peer, "q");
    publish(peer, "q", "a");
    EXPECT_EQ(
        peer.ask(1, methods::queue::Delete{.queue = "q", .if_empty = true}),
        closed("PRECONDITION_FAILED - queue 'q' in vhost '/' not empty", 40)
    );
    auto other = test.peer();
    EXPECT_EQ(other.ask(1, methods::queue::Delete{.queue = "q"}), "1 queue.delete-ok(message_count=1)");
    EXPECT_EQ(other.ask(1, methods::queue::Delete{.queue = "q"}), "1 queue.delete-ok(message_count=0)");
}

TEST_F(Queues, DeletedUnderAConsumerCancelItAfterTheReply) {
    declare(peer, "q");
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_EQ(
        peer.ask(1, methods::queue::Delete{.queue = "q"}),
        "1 queue.delete-ok(message_count=0) ; 1 basic.cancel(consumer_tag=\"c\", no_wait=true)"
    );
    auto deaf = test.peer({.capabilities = {}});
    declare(deaf, "q");
    deaf.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_EQ(deaf.ask(1, methods::queue::Delete{.queue = "q"}), "1 queue.delete-ok(message_count=0)");
}

TEST_F(Queues, AnEmptyNameMeansTheOneDeclaredLastOnTheChannel) {
    EXPECT_EQ(
        peer.ask(1, methods::basic::Get{}),
        "1 channel.close(reply_code=404, reply_text=\"NOT_FOUND - no previously declared queue\", class_id=60, "
        "method_id=70)"
    );
    auto other = test.peer();
    declare(other, "first");
    declare(other, "last");
    other.ask(1, methods::queue::Bind{.exchange = "amq.direct"});
    other.publish(1, {.exchange = "amq.direct", .routing_key = "last"}, "by-name");
    EXPECT_EQ(drain(other, ""), "by-name");
}

TEST_F(Queues, AreLookedForByAClosingChannelToo) {
    peer.ask(1, methods::exchange::Declare{.exchange = "none", .passive = true});
    EXPECT_THAT(peer.ask(1, methods::queue::Purge{}), HasSubstr("NOT_FOUND - no previously declared queue"));
    EXPECT_EQ(peer.ask(1, methods::queue::Purge{.queue = "named"}), "");
    auto other = test.peer();
    declare(other, "q");
    other.ask(1, methods::exchange::Declare{.exchange = "none", .passive = true});
    EXPECT_EQ(other.ask(1, methods::queue::Purge{}), "");
}

TEST_F(Queues, OfAnotherConnectionAreNotUnbound) {
    peer.ask(1, Declare{.queue = "q", .exclusive = true});
    peer.ask(1, methods::queue::Bind{.queue = "q", .exchange = "amq.direct", .routing_key = "k"});
    auto other = test.peer();
    const methods::queue::Unbind nothing{.queue = "q", .exchange = "amq.direct", .routing_key = "other"};
    EXPECT_EQ(other.ask(1, nothing), "1 queue.unbind-ok()");
    const methods::queue::Unbind bound{.queue = "q", .exchange = "amq.direct", .routing_key = "k"};
    EXPECT_THAT(other.ask(1, bound), HasSubstr("RESOURCE_LOCKED"));
    EXPECT_EQ(peer.ask(1, bound), "1 queue.unbind-ok()");
}

TEST_F(Queues, DifferInTheirTypeLast) {
    declare(peer, "q");
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", std::int32_t{1}).add("x-queue-mode", LongString{"lazy"});
    EXPECT_THAT(declare(peer, "q", arguments), HasSubstr("inequivalent arg 'x-queue-mode'"));
    auto other = test.peer();
    FieldTableBuilder only_type;
    only_type.add("x-queue-type", std::int32_t{1});
    EXPECT_THAT(declare(other, "q", only_type), HasSubstr("received '1' but current is 'classic'"));
}

TEST_F(Queues, TellTheConsumersOfAChannelInTheOrderOfTheirTags) {
    declare(peer, "q");
    for (const auto* tag : {"b", "c", "a"}) {
        peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = tag});
    }
    EXPECT_EQ(
        peer.ask(1, methods::queue::Delete{.queue = "q"}),
        "1 queue.delete-ok(message_count=0) ; 1 basic.cancel(consumer_tag=\"a\", no_wait=true) ; "
        "1 basic.cancel(consumer_tag=\"b\", no_wait=true) ; 1 basic.cancel(consumer_tag=\"c\", no_wait=true)"
    );
}

// Observed: RabbitMQ looks the type up before it makes up a name.
TEST(ServerNamedQueues, OfATypeThatIsNoneDependOnTheVersion) {
    const auto answer = [](const char* profile, const methods::FieldValue& type) {
        TestBroker test(*profile::find(profile));
        auto peer = test.peer();
        FieldTableBuilder arguments;
        arguments.add("x-queue-type", type);
        return declare(peer, "", arguments);
    };
    for (const auto* profile : {"rabbitmq-3.10", "rabbitmq-4.0"}) {
        EXPECT_THAT(answer(profile, LongString{"nope"}), HasSubstr("connection.close(reply_code=541")) << profile;
        EXPECT_THAT(answer(profile, true), HasSubstr("connection.close(reply_code=541")) << profile;
    }
    EXPECT_THAT(answer("rabbitmq-3.10", methods::Void{}), HasSubstr("connection.close(reply_code=541"));
    EXPECT_THAT(answer("rabbitmq-4.0", methods::Void{}), HasSubstr("{unacceptable_type,void}"));
    EXPECT_THAT(
        answer("rabbitmq-4.3", LongString{"nope"}), HasSubstr("PRECONDITION_FAILED - unknown queue type 'nope'")
    );
    EXPECT_THAT(answer("rabbitmq-4.3", true), HasSubstr("PRECONDITION_FAILED - unknown queue type 'true'"));
    EXPECT_THAT(answer("rabbitmq-4.3", std::int32_t{1}), HasSubstr("connection.close(reply_code=541"));
    EXPECT_THAT(answer("rabbitmq-4.3", LongString{""}), HasSubstr("queue.declare-ok"));
}

TEST_F(Queues, RefuseArgumentsInRabbitMQsWords) {
    const std::vector<std::tuple<const char*, methods::FieldValue, const char*>> observed{
        {"x-message-ttl", std::int32_t{-1}, "{value_negative,-1}"},
        {"x-message-ttl", std::int64_t{315360000001}, "{value_too_large,315360000001}"},
        {"x-message-ttl", LongString{"5"}, "\\\"expected integer, got longstr\\\""},
        {"x-expires", std::int32_t{0}, "{value_zero,0}"},
        {"x-max-length", true, "\\\"expected integer, got bool\\\""},
        {"x-overflow", LongString{"nope"}, "invalid_overflow"},
        {"x-overflow", std::int32_t{1}, "{unacceptable_type,signedint}"},
        {"x-dead-letter-routing-key", LongString{"k"}, "routing_key_but_no_dlx_defined"},
        {"x-max-priority", std::int32_t{256}, "{max_value_exceeded,256}"},
        {"x-single-active-consumer", std::int32_t{1}, "{unacceptable_type,signedint}"},
        {"x-queue-type", LongString{"nope"}, "\\\"unsupported queue type 'nope'\\\""},
    };
    for (const auto& [name, value, term] : observed) {
        auto fresh = test.peer();
        FieldTableBuilder arguments;
        arguments.add(name, value);
        EXPECT_EQ(
            declare(fresh, "q", arguments),
            closed(
                "PRECONDITION_FAILED - invalid arg '" + std::string(name) + "' for queue 'q' in vhost '/': " + term, 10
            )
        );
    }
}

TEST_F(Queues, RefuseADeadLetterExchangeThatIsNoString) {
    FieldTableBuilder arguments;
    arguments.add("x-dead-letter-exchange", std::int32_t{5});
    EXPECT_EQ(
        declare(peer, "q", arguments),
        closed(
            "PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'",
            10
        )
    );
}

TEST_F(Queues, RefuseWhatBelongsToOtherTypesOfQueue) {
    FieldTableBuilder arguments;
    arguments.add("x-max-age", LongString{"1h"});
    EXPECT_EQ(
        declare(peer, "q", arguments),
        closed(
            "PRECONDITION_FAILED - invalid arg 'x-max-age' for queue 'q' in vhost '/' of queue type "
            "rabbit_classic_queue",
            10
        )
    );
}

TEST_F(Queues, NoWaitSilencesTheReplyNotTheError) {
    EXPECT_EQ(peer.ask(1, Declare{.queue = "q", .no_wait = true}), "");
    EXPECT_EQ(passive("q"), declared("q", 0, 0));
    EXPECT_THAT(peer.ask(1, Declare{.queue = "q", .durable = true, .no_wait = true}), HasSubstr("PRECONDITION_FAILED"));
}

TEST(DeprecatedFeatures, ArePermittedUnlessDeniedAndTheVersionHasThem) {
    const auto declared = [](const profile::Profile& profile, DeprecatedFeatures features) {
        auto config = TestBroker::config_of(profile);
        config.deprecated_features = features;
        TestBroker test(config);
        auto peer = test.peer();
        return peer.ask(1, methods::queue::Declare{.queue = "transient"});
    };
    EXPECT_THAT(declared(profile::rabbitmq_4_3(), DeprecatedFeatures::permit), HasSubstr("queue.declare-ok"));
    EXPECT_THAT(declared(profile::rabbitmq_4_0(), DeprecatedFeatures::deny), HasSubstr("queue.declare-ok"));
    EXPECT_THAT(
        declared(profile::rabbitmq_4_3(), DeprecatedFeatures::deny),
        HasSubstr("INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.")
    );
}

TEST(DeprecatedFeatures, DeniedAreMasterLocators) {
    auto config = TestBroker::config_of(profile::rabbitmq_4_3());
    config.deprecated_features = DeprecatedFeatures::deny;
    TestBroker test(config);
    auto peer = test.peer();
    FieldTableBuilder arguments;
    arguments.add("x-queue-master-locator", LongString{"random"});
    EXPECT_THAT(
        peer.ask(1, methods::queue::Declare{.queue = "q", .durable = true, .arguments = arguments.view()}),
        HasSubstr("Feature `queue_master_locator` is deprecated.")
    );
}

}  // namespace
}  // namespace simbroker::server091
