// Streams as a client sees them, each answer as RabbitMQ 3.10.8, 4.0.5 or 4.3.6 was observed to give it.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using codec::amqp091::FieldValue;
using methods::basic::Consume;
using methods::queue::Declare;
using testing::Not;

// The bodies in lines of deliveries, in their order.
std::string bodies(const std::string& lines) {
    std::string found;
    for (std::size_t at = 0; (at = lines.find("basic.deliver", at)) != std::string::npos; ++at) {
        const auto end = std::min(lines.find(" ; ", at), lines.size());
        const auto last = lines.rfind('"', end);
        const auto first = lines.rfind('"', last - 1) + 1;
        found += lines.substr(first, last - first);
    }
    return found;
}

struct StreamBroker : TestBroker {
    ScriptedPeer peer;

    explicit StreamBroker(const profile::Profile& profile = profile::rabbitmq_4_3())
        : TestBroker(profile), peer(TestBroker::peer({.channels = 2})) {}

    std::string declare(FieldTableBuilder arguments = FieldTableBuilder()) {
        arguments.add("x-queue-type", LongString{"stream"});
        return peer.ask(1, Declare{.queue = "s", .durable = true, .arguments = arguments.view()});
    }
    void publish(std::string_view bodies, const BasicProperties& properties = {}) {
        for (const char body : bodies) peer.publish(1, {.routing_key = "s"}, std::string(1, body), properties);
    }
    std::string read(const FieldValue& offset, std::uint16_t prefetch = 10, std::uint16_t channel = 1) {
        FieldTableBuilder arguments;
        arguments.add("x-stream-offset", offset);
        return consume(arguments, prefetch, channel);
    }
    std::string consume(const FieldTableBuilder& arguments, std::uint16_t prefetch = 10, std::uint16_t channel = 1) {
        peer.ask(channel, methods::basic::Qos{.prefetch_count = prefetch});
        return peer.ask(channel, Consume{.queue = "s", .consumer_tag = "c", .arguments = arguments.view()});
    }
};

TEST(Stream, IsReadFromWhereAConsumerLikesAndLosesNothingByIt) {
    const auto from = [](const FieldValue& offset) {
        StreamBroker test;
        test.declare();
        test.publish("abc");
        test.read(LongString{"first"});
        return bodies(test.read(offset, 10, 2));
    };
    EXPECT_EQ(from(LongString{"first"}), "abc");
    EXPECT_EQ(from(LongString{"last"}), "c");
    EXPECT_EQ(from(LongString{"next"}), "");
    EXPECT_EQ(from(std::int64_t{1}), "bc");
    EXPECT_EQ(from(std::int64_t{-1}), "abc");
    EXPECT_EQ(from(std::int64_t{99}), "");
    EXPECT_EQ(from(LongString{"1h"}), "abc");
    EXPECT_EQ(from(codec::amqp091::Timestamp{0}), "abc");
    EXPECT_EQ(from(codec::amqp091::Timestamp{4'000'000'000}), "");
}

TEST(Stream, IsReadFromAMomentOrAnAge) {
    StreamBroker test;
    test.declare();
    test.publish("a");
    test.advance(seconds(7200));
    test.publish("b");
    test.advance(seconds(60));
    const auto start = TestBroker::config_of(profile::rabbitmq_4_3()).epoch;
    const codec::amqp091::Timestamp hour_after_start{static_cast<std::uint64_t>(start.count()) + 3600};
    EXPECT_EQ(bodies(test.read(LongString{"5m"})), "b");
    EXPECT_EQ(bodies(test.read(hour_after_start, 10, 2)), "b");
}

TEST(Stream, TellsAReaderTheOffset) {
    StreamBroker test;
    test.declare();
    test.publish("ab");
    EXPECT_THAT(test.read(std::int64_t{1}), HasSubstr("{headers={x-stream-offset=l1}, delivery_mode=1} \"b\""));
    StreamBroker old(profile::rabbitmq_3_10());
    old.declare();
    old.publish("a");
    EXPECT_THAT(old.read(LongString{"first"}), HasSubstr("{headers={x-stream-offset=l0}} \"a\""));
}

TEST(Stream, GivesCreditForWhatWasAcknowledged) {
    StreamBroker test;
    test.declare();
    test.publish("abcdef");
    EXPECT_EQ(bodies(test.read(LongString{"first"}, 2)), "ab");
    EXPECT_EQ(bodies(test.peer.ask(1, methods::basic::Ack{.delivery_tag = 1})), "c");
    EXPECT_EQ(bodies(test.peer.ask(1, methods::basic::Ack{.delivery_tag = 3, .multiple = true})), "de");
    EXPECT_EQ(bodies(test.peer.ask(1, methods::basic::Reject{.delivery_tag = 4, .requeue = true})), "f")
        << "and for what was rejected, which comes no second time";
}

TEST(Stream, OfRabbitMq310CannotBeRejectedNorRecovered) {
    const auto answer = [](const methods::Method& method) {
        StreamBroker test(profile::rabbitmq_3_10());
        test.declare();
        test.publish("a");
        test.read(LongString{"first"});
        return test.peer.ask(1, method);
    };
    EXPECT_THAT(
        answer(methods::basic::Nack{.delivery_tag = 1}),
        HasSubstr("NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue 's' in vhost '/'")
    );
    EXPECT_THAT(
        answer(methods::basic::Recover{.requeue = true}),
        HasSubstr("connection.close(reply_code=541, reply_text=\"INTERNAL_ERROR\"")
    );
}

TEST(Stream, ServesEveryReaderAndReadersThatComeBack) {
    StreamBroker test;
    test.declare();
    test.read(LongString{"next"}, 10, 1);
    test.read(LongString{"next"}, 10, 2);
    test.publish("m");
    std::string lines;
    for (const auto& line : test.peer.take()) lines += line + " ; ";
    EXPECT_EQ(bodies(lines), "mm");
    test.peer.ask(2, methods::channel::Close{.reply_code = 200});
    auto other = test.TestBroker::peer();
    other.ask(1, methods::basic::Qos{.prefetch_count = 1});
    FieldTableBuilder first;
    first.add("x-stream-offset", LongString{"first"});
    EXPECT_EQ(bodies(other.ask(1, Consume{.queue = "s", .arguments = first.view()})), "m");
}

TEST(Stream, RefusesWhatItCannotDo) {
    const auto answer = [](const methods::Method& method, const profile::Profile& profile) {
        StreamBroker test(profile);
        test.declare();
        return test.peer.ask(1, method);
    };
    const auto& newest = profile::rabbitmq_4_3();
    EXPECT_THAT(
        answer(methods::basic::Get{.queue = "s"}, newest),
        HasSubstr("540, reply_text=\"NOT_IMPLEMENTED - basic.get not supported by stream queues queue 's' in vhost '/'")
    );
    EXPECT_THAT(
        answer(methods::queue::Purge{.queue = "s"}, newest), HasSubstr("queue.purge not supported by stream queues")
    );
    EXPECT_THAT(
        answer(Consume{.queue = "s"}, newest),
        HasSubstr("406, reply_text=\"PRECONDITION_FAILED - consumer prefetch count is not set for stream queue 's' in")
    );
    EXPECT_THAT(
        answer(Consume{.queue = "s"}, profile::rabbitmq_3_10()), HasSubstr("is not set for 'queue 's' in vhost '/''")
    );
    EXPECT_THAT(answer(methods::queue::Delete{.queue = "s", .if_empty = true}, newest), HasSubstr("delete-ok"));
}

TEST(Stream, WantsToBeAcknowledged) {
    StreamBroker test(profile::rabbitmq_3_10());
    test.declare();
    test.peer.ask(1, methods::basic::Qos{.prefetch_count = 5});
    EXPECT_THAT(
        test.peer.ask(1, Consume{.queue = "s", .no_ack = true}),
        HasSubstr("automatic acknowledgement not supported by stream queues queue 's' in vhost '/'")
    );
}

TEST(Stream, RefusesOffsetsItCannotRead) {
    const auto answer = [](const FieldValue& offset, const profile::Profile& profile) {
        StreamBroker test(profile);
        test.declare();
        return test.read(offset);
    };
    EXPECT_THAT(
        answer(LongString{"nope"}, profile::rabbitmq_4_3()),
        HasSubstr("invalid arg 'x-stream-offset' for queue 's' in vhost '/': "
                  "{invalid_stream_offset_arg,{longstr,<<")
    );
    EXPECT_THAT(answer(LongString{"nope"}, profile::rabbitmq_4_0()), HasSubstr("connection.close(reply_code=541"));
    EXPECT_THAT(answer(LongString{"5"}, profile::rabbitmq_4_0()), HasSubstr("invalid_stream_offset_arg"));
    EXPECT_THAT(answer(true, profile::rabbitmq_4_3()), HasSubstr("connection.close(reply_code=541"));
}

TEST(Stream, RefusesSizesAndAgesOutOfBounds) {
    const auto answer = [](std::string_view name, const FieldValue& value, const profile::Profile& profile) {
        StreamBroker test(profile);
        FieldTableBuilder arguments;
        arguments.add(name, value);
        return test.declare(arguments);
    };
    const auto& newest = profile::rabbitmq_4_3();
    EXPECT_THAT(
        answer("x-stream-max-segment-size-bytes", std::int64_t{3'000'000'001}, newest),
        HasSubstr("Exceeded max value for x-stream-max-segment-size-bytes")
    );
    EXPECT_THAT(answer("x-stream-filter-size-bytes", 15, newest), HasSubstr("Invalid value for x-stream-filter-size"));
    EXPECT_THAT(answer("x-stream-filter-size-bytes", 15, profile::rabbitmq_3_10()), HasSubstr("declare-ok"));
    EXPECT_THAT(answer("x-max-age", LongString{"7D"}, newest), HasSubstr("declare-ok"));
    EXPECT_THAT(answer("x-max-age", LongString{"h"}, newest), HasSubstr("'x-max-age' for queue 's' in vhost '/': inv"));
    EXPECT_THAT(answer("x-max-age", LongString{"h"}, profile::rabbitmq_4_0()), HasSubstr("reply_code=541"));
    EXPECT_THAT(answer("x-max-length", 5, newest), HasSubstr("of queue type rabbit_stream_queue"));
}

TEST(Stream, DropsWholeSegmentsWhenItIsTooLargeOrTooOld) {
    const auto left = [](std::string_view limit, const FieldValue& value) {
        StreamBroker test;
        FieldTableBuilder arguments;
        arguments.add(limit, value).add("x-stream-max-segment-size-bytes", 400);
        test.declare(arguments);
        for (char body = 'a'; body < 'i'; ++body) {
            test.publish(std::string(1, body));
            test.advance(seconds(60));
        }
        return bodies(test.read(LongString{"first"}));
    };
    EXPECT_EQ(left("x-max-length-bytes", 900), "efgh") << "two messages fill a segment";
    EXPECT_EQ(left("x-max-age", LongString{"2m"}), "efgh");
    EXPECT_EQ(left("x-max-length-bytes", 100'000), "abcdefgh");
}

TEST(Stream, GivesItsMemoryBackWhenItIsDeleted) {
    auto config = TestBroker::config_of(profile::rabbitmq_4_3());
    config.max_memory = 60'000;
    TestBroker test(config);
    auto peer = test.peer();
    FieldTableBuilder arguments;
    arguments.add("x-queue-type", LongString{"stream"});
    for (int round = 0; round < 5; ++round) {
        peer.ask(1, Declare{.queue = "s", .durable = true, .arguments = arguments.view()});
        peer.publish(1, {.routing_key = "s"}, std::string(10'000, 'x'));
        EXPECT_THAT(peer.ask(1, methods::queue::Delete{.queue = "s"}), HasSubstr("delete-ok(message_count=0)"));
    }
}

TEST(Stream, IsFilteredByTheValueOfAHeaderSinceRabbitMq40) {
    const auto read = [](const profile::Profile& profile, const FieldTableBuilder& more) {
        StreamBroker test(profile);
        test.declare();
        for (const auto* value : {"one", "two"}) {
            FieldTableBuilder headers;
            headers.add("x-stream-filter-value", LongString{value});
            test.publish(std::string(1, *value), {.headers = headers.view()});
        }
        test.publish("n");
        FieldTableBuilder arguments(more);
        arguments.add("x-stream-offset", LongString{"first"}).add("x-stream-filter", LongString{"two"});
        return bodies(test.consume(arguments));
    };
    FieldTableBuilder unfiltered_too;
    unfiltered_too.add("x-stream-match-unfiltered", true);
    EXPECT_EQ(read(profile::rabbitmq_4_3(), FieldTableBuilder()), "t");
    EXPECT_EQ(read(profile::rabbitmq_4_3(), unfiltered_too), "tn");
    EXPECT_EQ(read(profile::rabbitmq_3_10(), FieldTableBuilder()), "otn");
}

TEST(Stream, CountsItsMessagesButNotItsReaders) {
    StreamBroker test;
    test.declare();
    test.publish("abc");
    test.read(LongString{"first"});
    EXPECT_THAT(
        test.peer.ask(1, Declare{.queue = "s", .passive = true}), HasSubstr("message_count=3, consumer_count=0")
    );
}

TEST(Stream, KeepsOnlySimpleHeaders) {
    const auto headers = [](const profile::Profile& profile) {
        StreamBroker test(profile);
        test.declare();
        FieldTableBuilder nested, headers;
        nested.add("q", 1);
        headers.add("table", nested.view()).add("x-table", nested.view()).add("plain", 5);
        test.publish("m", {.headers = headers.view()});
        return test.read(LongString{"first"});
    };
    EXPECT_THAT(headers(profile::rabbitmq_3_10()), HasSubstr("headers={plain=I5,x-stream-offset=l0}"));
    EXPECT_THAT(headers(profile::rabbitmq_4_3()), HasSubstr("headers={plain=I5,x-stream-offset=l0,x-table=F{q=I1}}"));
}

}  // namespace
}  // namespace simbroker::server091
