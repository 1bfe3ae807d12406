#include <algorithm>
#include <sstream>

#include "simbroker/extension/consistent_hash.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::extension {
namespace {

using namespace server091;
using codec::amqp091::FieldValue;

std::string refused(std::string_view text, int class_id, int method_id) {
    return "1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - " + std::string(text) +
           "\", class_id=" + std::to_string(class_id) + ", method_id=" + std::to_string(method_id) + ")";
}

BrokerConfig with_every_plugin(const profile::Profile& profile) {
    BrokerConfig config;
    config.profile = profile;
    config.plugins = known_plugins();
    return config;
}

FieldTableBuilder table(std::string_view name, const FieldValue& value) {
    FieldTableBuilder builder;
    builder.add(name, value);
    return builder;
}

struct Types : testing::TestWithParam<const profile::Profile*> {
    TestBroker test{with_every_plugin(*GetParam())};
    ScriptedPeer peer = test.peer();

    std::string make(const std::string& type, const FieldTableBuilder& arguments = FieldTableBuilder()) {
        return peer.ask(
            1, methods::exchange::Declare{.exchange = "x", .type = type, .durable = true, .arguments = arguments.view()}
        );
    }
    std::string bind(const std::string& queue, const std::string& key) {
        declare(peer, queue);
        return peer.ask(1, methods::queue::Bind{.queue = queue, .exchange = "x", .routing_key = key});
    }
    void reopen() {  // after channel.close
        peer.send(1, methods::channel::CloseOk{});
        peer.ask(1, methods::channel::Open{});
    }
    void send(const std::string& key, std::string_view body, const BasicProperties& properties = {}) {
        peer.publish(1, {.exchange = "x", .routing_key = key}, body, properties);
    }
    void send_with_header(const std::string& key, std::string_view body, std::string_view name, FieldValue value) {
        const auto headers = table(name, value);
        BasicProperties properties;
        properties.headers = headers.view();
        send(key, body, properties);
    }
    // Publishes key0, key1 ... and says which of the queues a, b and c got each.
    std::string spread(int count) {
        for (int i = 0; i < count; ++i) send("key" + std::to_string(i), std::to_string(i));
        std::string places(static_cast<std::size_t>(count), '-');
        for (const char queue : {'a', 'b', 'c'}) {
            std::istringstream bodies(drain(peer, std::string(1, queue)));
            for (std::size_t number = 0; bodies >> number;) places.at(number) = queue;
        }
        return places;
    }
};

INSTANTIATE_TEST_SUITE_P(
    EveryProfile,
    Types,
    testing::Values(&profile::rabbitmq_3_10(), &profile::rabbitmq_4_0(), &profile::rabbitmq_4_3()),
    [](const auto& info) {
        std::string name(info.param->name);
        std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
        return name;
    }
);

// The places below are where the queues of RabbitMQ 3.10.8, 4.0.5 and 4.3.6 had the same messages.
TEST_P(Types, ConsistentHashChoosesAsRabbitMqDoes) {
    make("x-consistent-hash");
    for (const auto* queue : {"a", "b", "c"}) EXPECT_EQ(bind(queue, "1"), "1 queue.bind-ok()");
    EXPECT_EQ(spread(40), "babacacccaabacacacaacccccacaacbbbbaabcbb");
}

TEST_P(Types, ConsistentHashForgetsADestinationWithTheEndOfAnyBindingToIt) {
    make("x-consistent-hash");
    bind("a", "1");
    bind("b", "1");
    bind("a", "7");  // does not count: a is on the ring
    bind("c", "3");
    peer.ask(1, methods::queue::Unbind{.queue = "a", .exchange = "x", .routing_key = "7"});
    EXPECT_EQ(spread(40), "cccccccccbccbcccbccbcccccbcbccccccbccccc");
}

TEST_P(Types, ConsistentHashRefusesBadWeights) {
    make("x-consistent-hash");
    EXPECT_EQ(bind("a", "0"), refused("The binding key must be greater than 0", 50, 20));
    reopen();
    EXPECT_EQ(bind("a", "-4"), refused("The binding key must be greater than 0", 50, 20));
    reopen();
    EXPECT_EQ(bind("a", "1x"), refused("The binding key must be an integer: <<\\\"1x\\\">>", 50, 20));
    reopen();
    EXPECT_EQ(bind("a", "+10000"), "1 queue.bind-ok()");
    const auto too_heavy = bind("a", "10001");
    if (GetParam()->exchange_types.consistent_hash_weight_max == 0) {
        EXPECT_EQ(too_heavy, "1 queue.bind-ok()");
    } else {
        EXPECT_EQ(too_heavy, refused("The binding key must not exceed 10000", 50, 20));
    }
}

TEST_P(Types, ConsistentHashFailsWhereTheNameOfAHeaderIsNoText) {
    EXPECT_THAT(
        make("x-consistent-hash", table("hash-header", std::int32_t{5})),
        HasSubstr("0 connection.close(reply_code=541, reply_text=\"INTERNAL_ERROR\", class_id=0, method_id=0)")
    );
}

TEST_P(Types, ModulusHashChoosesAsRabbitMqDoes) {
    make("x-modulus-hash");
    for (const auto* queue : {"a", "b", "c"}) bind(queue, "1");
    EXPECT_EQ(spread(30), "cbbbcbbccccbccaccbbacacbbcbcba");
}

TEST_P(Types, RandomSpreadsOverAllBindings) {
    make("x-random");
    for (const auto* queue : {"a", "b", "c"}) bind(queue, "any");
    const auto places = spread(60);
    for (const char queue : {'a', 'b', 'c'}) EXPECT_GT(std::ranges::count(places, queue), 5) << places;
    EXPECT_EQ(std::ranges::count(places, '-'), 0) << places;
}

TEST_P(Types, RecentHistoryIsGivenToWhatIsBound) {
    make("x-recent-history", table("x-recent-history-length", std::int32_t{2}));
    for (const auto* body : {"one", "two"}) send("k", body);
    send_with_header("k", "unstored", "x-recent-history-no-store", true);
    send("k", "three");
    bind("a", "");
    EXPECT_EQ(drain(peer, "a"), "two three");
    bind("a", "");
    EXPECT_EQ(drain(peer, "a"), "") << "the binding was there";
    bind("a", "other");
    EXPECT_EQ(drain(peer, "a"), "two three") << "another binding";
}

TEST_P(Types, RecentHistoryGoesThroughABoundExchangeLatestFirst) {
    make("x-recent-history");
    peer.ask(1, methods::exchange::Declare{.exchange = "y", .type = "direct", .durable = true});
    declare(peer, "a");
    peer.ask(1, methods::queue::Bind{.queue = "a", .exchange = "y", .routing_key = "k"});
    for (const auto* body : {"one", "two", "three"}) send("k", body);
    EXPECT_EQ(peer.ask(1, methods::exchange::Bind{.destination = "y", .source = "x"}), "1 exchange.bind-ok()");
    EXPECT_EQ(drain(peer, "a"), "three two one");
}

TEST_P(Types, RecentHistoryFailsWhereABoundExchangeCannotRouteIt) {
    make("x-recent-history");
    peer.ask(1, methods::exchange::Declare{.exchange = "y", .type = "direct", .durable = true});
    send("k", "one");
    const bool wordless =
        GetParam()->exchange_types.unroutable_history == profile::UnroutableHistory::internal_error_without_words;
    EXPECT_EQ(
        peer.ask(1, methods::exchange::Bind{.destination = "y", .source = "x"}),
        wordless ? "0 connection.close(reply_code=541, reply_text=\"INTERNAL_ERROR\", class_id=0, method_id=0)"
                 : "0 connection.close(reply_code=541, reply_text=\"INTERNAL_ERROR - could not find queue/exchange "
                   "''\", class_id=40, method_id=30)"
    );
}

TEST_P(Types, RecentHistoryIsForgottenWithItsExchange) {
    make("x-recent-history");
    send("k", "old");
    peer.ask(1, methods::exchange::Delete{.exchange = "x"});
    make("x-recent-history");
    bind("a", "");
    EXPECT_EQ(drain(peer, "a"), "");
}

TEST_P(Types, DelayedMessagesComeWhenTheirTimeHasCome) {
    make("x-delayed-message", table("x-delayed-type", LongString{"direct"}));
    EXPECT_EQ(bind("a", "k"), "1 queue.bind-ok()");
    send_with_header("k", "late", "x-delay", std::int32_t{2000});
    send_with_header("k", "early", "x-delay", LongString{"1000"});
    send_with_header("k", "at-once", "x-delay", std::int32_t{-1});
    send_with_header("other", "nowhere", "x-delay", std::int32_t{500});
    send("k", "undelayed");
    EXPECT_EQ(drain(peer, "a"), "at-once undelayed");
    test.advance(milliseconds(999));
    EXPECT_EQ(drain(peer, "a"), "");
    test.advance(milliseconds(1));
    EXPECT_EQ(drain(peer, "a"), "early");
    test.advance(seconds(1));
    EXPECT_EQ(drain(peer, "a"), "late");
}

TEST_P(Types, DelayedMessagesArriveWithTheirDelayAsTheVersionHasIt) {
    make("x-delayed-message", table("x-delayed-type", LongString{"fanout"}));
    bind("a", "");
    send_with_header("k", "m", "x-delay", std::int32_t{5});
    test.advance(milliseconds(5));
    const auto got = peer.ask(1, methods::basic::Get{.queue = "a", .no_ack = true});
    const bool negated = GetParam()->exchange_types.delay_on_delivery == profile::DelayOnDelivery::negated;
    EXPECT_THAT(got, HasSubstr(negated ? "{x-delay=l-5}" : "{x-delay=I5}"));
}

TEST_P(Types, DelayedMessagesAreUnroutableAsLongAsTheyWait) {
    make("x-delayed-message", table("x-delayed-type", LongString{"direct"}));
    bind("a", "k");
    peer.ask(1, methods::confirm::Select{});
    const auto headers = table("x-delay", std::int32_t{10});
    BasicProperties properties;
    properties.headers = headers.view();
    peer.publish(1, {.exchange = "x", .routing_key = "k", .mandatory = true}, "m", properties);
    EXPECT_THAT(
        testing::PrintToString(peer.take()),
        testing::AllOf(HasSubstr("basic.return(reply_code=312"), HasSubstr("basic.ack"))
    );
    test.advance(milliseconds(10));
    EXPECT_EQ(drain(peer, "a"), "m");
}

TEST_P(Types, DelayedMessagesWantAnotherTypeWithin) {
    EXPECT_EQ(
        make("x-delayed-message"),
        refused("Invalid argument, 'x-delayed-type' must be an existing exchange type", 40, 10)
    );
    reopen();
    EXPECT_EQ(
        make("x-delayed-message", table("x-delayed-type", LongString{"x-delayed-message"})),
        refused("Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'", 40, 10)
    );
    reopen();
    EXPECT_THAT(
        make("x-delayed-message", table("x-delayed-type", LongString{"x-nope"})),
        HasSubstr("unknown exchange type 'x-nope'")
    );
}

TEST_P(Types, DelayedMessagesOutliveACrashAndAHistoryDoesNot) {
    make("x-delayed-message", table("x-delayed-type", LongString{"fanout"}));
    bind("a", "");
    peer.ask(1, methods::exchange::Declare{.exchange = "h", .type = "x-recent-history", .durable = true});
    peer.ask(1, methods::queue::Declare{.queue = "kept", .durable = true});
    peer.ask(1, methods::queue::Bind{.queue = "kept", .exchange = "x"});
    peer.publish(1, {.exchange = "h", .routing_key = "k"}, "history");
    send_with_header("k", "late", "x-delay", std::int32_t{1000});
    test.simulation.inject(Crash{});
    test.advance(seconds(2));
    test.simulation.inject(Start{});
    test.advance(milliseconds(0));
    auto after = test.peer();
    EXPECT_EQ(drain(after, "kept"), "late");
    declare(after, "b");
    after.ask(1, methods::queue::Bind{.queue = "b", .exchange = "h"});
    EXPECT_EQ(drain(after, "b"), "");
}

TEST(ExchangeTypes, AreThereByProfileAndPlugin) {
    using model::ExchangeType;
    BrokerConfig config;
    config.profile = profile::rabbitmq_3_10();
    EXPECT_EQ(exchange_type("x-consistent-hash", config), ExchangeType::consistent_hash);
    EXPECT_EQ(exchange_type("x-random", config), std::nullopt);
    EXPECT_EQ(exchange_type("x-local-random", config), std::nullopt);
    config.plugins = {"rabbitmq_random_exchange"};
    EXPECT_EQ(exchange_type("x-random", config), ExchangeType::random);
    EXPECT_EQ(exchange_type("x-consistent-hash", config), std::nullopt) << "the list replaces the profile's";
    config.profile = profile::rabbitmq_4_3();
    EXPECT_EQ(exchange_type("x-modulus-hash", config), ExchangeType::modulus_hash) << "core since 4.3";
    EXPECT_EQ(exchange_type("", config), std::nullopt);
}

TEST(ConsistentHash, JumpsAsRabbitMqDoes) {
    EXPECT_EQ(jump_consistent_hash(5, 3), 2u);
    EXPECT_EQ(jump_consistent_hash(-5, 3), 2u);
    EXPECT_EQ(jump_consistent_hash(123456789012, 50), 11u);
    EXPECT_EQ(jump_consistent_hash(112802447, 2), 1u);  // phash2(<<"a">>)
    EXPECT_EQ(jump_consistent_hash(47480723, 10), 9u);  // phash2(<<"hello">>)
    EXPECT_EQ(jump_consistent_hash(47480723, 1000), 315u);
}

}  // namespace
}  // namespace simbroker::extension
