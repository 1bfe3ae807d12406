// The contract of core/broker.hpp, seen from outside.
#include "simbroker/core/broker.hpp"

#include "simbroker/server091/test_broker.hpp"

namespace simbroker {
namespace {

using server091::declare;
using server091::drain;
using server091::publish;
using server091::TestBroker;
namespace methods = codec::amqp091;

// A day in the life of a broker, with everything in it that could be drawn or ordered by chance.
std::vector<std::string> story(Seed seed) {
    Broker broker(BrokerConfig{}, seed);
    drive::Simulation simulation(broker);
    drive::ScriptedPeer a(simulation, {.heartbeat = 60});
    drive::ScriptedPeer b(simulation);
    std::vector<std::string> lines;
    const auto note = [&](const std::string& line) { lines.push_back(line); };
    for (int i = 0; i < 5; ++i) note(a.ask(1, methods::queue::Declare{.exclusive = true}));
    note(b.ask(1, methods::queue::Declare{.queue = "shared"}));
    for (int i = 0; i < 3; ++i) note(a.ask(1, methods::basic::Consume{.queue = "shared"}));
    for (int i = 0; i < 9; ++i) b.publish(1, {.routing_key = "shared"}, "m" + std::to_string(i));
    for (const auto& line : a.take()) note(line);
    simulation.advance(std::chrono::hours(1));
    for (const auto& line : a.take()) note(line);
    return lines;
}

TEST(BrokerContract, SameSeedSameInputsSameOutputs) { EXPECT_EQ(story(7), story(7)); }

TEST(BrokerContract, AnotherSeedGivesOtherNames) { EXPECT_NE(story(7), story(8)); }

TEST(BrokerContract, WhatWasDueIsDoneBeforeTheInput) {
    TestBroker test;
    auto peer = test.peer();
    codec::amqp091::FieldTableBuilder arguments;
    arguments.add("x-expires", std::int32_t{1000});
    declare(peer, "q", arguments);
    const Instant later = test.simulation.now() + std::chrono::seconds(2);
    codec::wire::Bytes octets;
    methods::append_method(octets, {1}, methods::queue::Declare{.queue = "q", .passive = true});
    std::string answer;
    for (const auto& output : test.broker.handle(later, Received{peer.id(), octets})) {
        if (const auto* send = std::get_if<Send>(&output)) answer = codec::wire::as_text(send->bytes);
    }
    EXPECT_THAT(answer, testing::HasSubstr("NOT_FOUND - no queue 'q'"));
}

TEST(BrokerContract, WhatConcernsConnectionsThatAreGoneIsPassedOver) {
    Broker broker(BrokerConfig{}, 0);
    EXPECT_TRUE(broker.handle(Instant{}, Disconnected{ConnectionId{5}}).empty());
    EXPECT_TRUE(broker.handle(Instant{}, Received{ConnectionId{5}, {}}).empty());
}

TEST(BrokerContract, ConnectionsBeyondTheLimitAreDropped) {
    BrokerConfig config;
    config.max_connections = 1;
    Broker broker(config, 0);
    EXPECT_TRUE(broker.handle(Instant{}, Connected{ConnectionId{1}, "a"}).empty());
    const auto outputs = broker.handle(Instant{}, Connected{ConnectionId{2}, "b"});
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs.front(), Output(Close{ConnectionId{2}}));
}

TEST(BrokerContract, AnIdleBrokerHasNoDeadline) {
    Broker broker(BrokerConfig{}, 0);
    EXPECT_FALSE(broker.next_deadline());
    broker.handle(Instant{}, Connected{ConnectionId{1}, "a"});
    EXPECT_EQ(broker.next_deadline(), Instant{} + std::chrono::seconds(10)) << "the handshake's";
}

TEST(BrokerContract, MemoryReturnsWhenMessagesGo) {
    BrokerConfig config;
    config.max_memory = 60'000;
    TestBroker test(config);
    auto peer = test.peer();
    declare(peer, "q");
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < 8; ++i) publish(peer, "q", std::string(1000, 'x'));
        drain(peer, "q");
    }
    EXPECT_FALSE(peer.closed());
    EXPECT_THAT(declare(peer, "q"), testing::HasSubstr("declare-ok"));
}

}  // namespace
}  // namespace simbroker
