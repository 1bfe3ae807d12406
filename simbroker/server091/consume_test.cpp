#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

// Observed on 3.10.8: who does not acknowledge does not count, and waits with the others.
TEST(ChannelLimit, HoldsBackConsumersWithoutAcknowledgement) {
    TestBroker test(profile::rabbitmq_3_10());
    auto peer = test.peer();
    declare(peer, "q");
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    peer.ask(1, methods::basic::Qos{.prefetch_count = 1, .global = true});
    publish(peer, "q", "m");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("consumer_tag=\"c\", delivery_tag=1")));
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "n", .no_ack = true});
    publish(peer, "q", "n");
    EXPECT_THAT(peer.take(), IsEmpty());
    EXPECT_THAT(peer.ask(1, methods::basic::Ack{.delivery_tag = 1}), HasSubstr("delivery_tag=2"));
}

using methods::basic::Ack;
using methods::basic::Consume;
using methods::basic::Qos;

// "c:body@tag", with r where redelivered, for every delivery among the lines; other lines as they are.
std::vector<std::string> brief(const std::vector<std::string>& lines) {
    std::vector<std::string> out;
    for (const auto& line : lines) {
        const auto field = [&](std::string_view name, char end) {
            const auto start = line.find(name) + name.size();
            return line.substr(start, line.find(end, start) - start);
        };
        if (line.find("basic.deliver") == std::string::npos) {
            out.push_back(line);
            continue;
        }
        const auto end = line.rfind('"');
        const auto start = line.rfind('"', end - 1) + 1;
        const bool again = line.find("redelivered=true") != std::string::npos;
        out.push_back(
            field("consumer_tag=\"", '"') + ":" + line.substr(start, end - start) + "@" + field("delivery_tag=", ',') +
            (again ? "r" : "")
        );
    }
    return out;
}

struct Consuming : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();
    ScriptedPeer publisher = test.peer();

    void SetUp() override { declare(peer, "q"); }
    void feed(std::string_view bodies, const std::string& queue = "q") {
        for (const char body : bodies) publish(publisher, queue, std::string(1, body));
    }
    void consume(const std::string& tag, std::uint16_t prefetch = 0) {
        peer.ask(1, Qos{.prefetch_count = prefetch});
        peer.send(1, Consume{.queue = "q", .consumer_tag = tag});
        test.simulation.run_until_idle();
    }
    std::vector<std::string> take() { return brief(peer.take()); }
};

TEST_F(Consuming, TheReplyComesBeforeTheMessages) {
    feed("ab");
    peer.send(1, Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_THAT(take(), ElementsAre("1 basic.consume-ok(consumer_tag=\"c\")", "c:a@1", "c:b@2"));
}

TEST_F(Consuming, WithoutATagGetsOne) {
    EXPECT_THAT(peer.ask(1, Consume{.queue = "q"}), HasSubstr("1 basic.consume-ok(consumer_tag=\"amq.ctag-"));
}

TEST_F(Consuming, ATagTwiceIsTheConnectionsEnd) {
    consume("c");
    take();
    EXPECT_EQ(
        peer.ask(1, Consume{.queue = "nope", .consumer_tag = "c"}),
        "0 connection.close(reply_code=530, reply_text=\"NOT_ALLOWED - attempt to reuse consumer tag 'c'\", "
        "class_id=60, method_id=20)"
    );
}

TEST_F(Consuming, ConsumersTakeTurns) {
    consume("x");
    consume("y");
    consume("z");
    take();
    feed("abcdef");
    EXPECT_THAT(take(), ElementsAre("x:a@1", "y:b@2", "z:c@3", "x:d@4", "y:e@5", "z:f@6"));
}

TEST_F(Consuming, PrefetchCountLimitsWhatIsOut) {
    consume("x", 1);
    consume("y", 1);
    take();
    feed("abcd");
    EXPECT_THAT(take(), ElementsAre("x:a@1", "y:b@2"));
    peer.send(1, Ack{.delivery_tag = 2});
    EXPECT_THAT(take(), ElementsAre("y:c@3"));
    peer.send(1, Ack{.delivery_tag = 1});
    EXPECT_THAT(take(), ElementsAre("x:d@4"));
}

TEST_F(Consuming, AChangedPrefetchCountIsForConsumersToCome) {
    consume("x", 1);
    take();
    feed("abc");
    take();
    EXPECT_EQ(peer.ask(1, Qos{.prefetch_count = 5}), "1 basic.qos-ok()");
    peer.send(1, Ack{.delivery_tag = 1});
    EXPECT_THAT(take(), ElementsAre("x:b@2"));
}

TEST_F(Consuming, NoAckConsumersAreNotLimited) {
    peer.ask(1, Qos{.prefetch_count = 1});
    peer.ask(1, Consume{.queue = "q", .consumer_tag = "c", .no_ack = true});
    feed("abc");
    EXPECT_THAT(take(), ElementsAre("c:a@1", "c:b@2", "c:c@3"));
}

TEST_F(Consuming, GlobalQosLimitsTheChannelUpToFourTwoAndOneConsumerFromFourThreeOn) {
    const auto delivered = [](const profile::Profile& profile) {
        TestBroker broker(profile);
        auto client = broker.peer();
        declare(client, "q");
        client.ask(1, Qos{.prefetch_count = 3, .global = true});
        client.ask(1, Consume{.queue = "q", .consumer_tag = "x"});
        client.ask(1, Consume{.queue = "q", .consumer_tag = "y"});
        auto source = broker.peer();
        for (int i = 0; i < 10; ++i) publish(source, "q", "m");
        const auto first = client.take().size();
        client.send(1, Ack{.delivery_tag = 2, .multiple = true});
        return std::pair{first, client.take().size()};
    };
    EXPECT_EQ(delivered(profile::rabbitmq_4_0()), (std::pair<std::size_t, std::size_t>{3, 2}));
    EXPECT_EQ(delivered(profile::rabbitmq_4_3()), (std::pair<std::size_t, std::size_t>{6, 2}));
}

TEST_F(Consuming, PrefetchSizeIsNotImplemented) {
    EXPECT_THAT(
        peer.ask(1, Qos{.prefetch_size = 10}),
        HasSubstr("reply_code=540, reply_text=\"NOT_IMPLEMENTED - prefetch_size!=0 (10)\"")
    );
}

TEST_F(Consuming, ExclusivelyMeansAlone) {
    consume("x");
    take();
    EXPECT_EQ(
        peer.ask(1, Consume{.queue = "q", .consumer_tag = "y", .exclusive = true}),
        "1 channel.close(reply_code=403, reply_text=\"ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use\", "
        "class_id=60, method_id=20)"
    );
    auto owner = test.peer();
    owner.ask(1, Consume{.queue = "q", .consumer_tag = "only", .exclusive = true});
    auto other = test.peer();
    EXPECT_THAT(other.ask(1, Consume{.queue = "q"}), HasSubstr("in exclusive use"));
}

TEST_F(Consuming, HigherPrioritiesAreServedFirst) {
    for (const auto& [tag, priority] : std::vector<std::pair<std::string, int>>{{"lo", -1}, {"mid", 0}, {"hi", 10}}) {
        FieldTableBuilder arguments;
        arguments.add("x-priority", std::int32_t{priority});
        peer.ask(1, Qos{.prefetch_count = 2});
        peer.ask(1, Consume{.queue = "q", .consumer_tag = tag, .arguments = arguments.view()});
    }
    feed("abcdefg");
    EXPECT_THAT(take(), ElementsAre("hi:a@1", "hi:b@2", "mid:c@3", "mid:d@4", "lo:e@5", "lo:f@6"));
    peer.send(1, Ack{.delivery_tag = 5});
    EXPECT_THAT(take(), ElementsAre("lo:g@7"));
}

TEST_F(Consuming, APriorityThatIsNoIntegerIsRefused) {
    FieldTableBuilder arguments;
    arguments.add("x-priority", LongString{"a"});
    EXPECT_EQ(
        peer.ask(1, Consume{.queue = "q", .arguments = arguments.view()}),
        "1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in "
        "vhost '/': \\\"expected integer, got longstr\\\"\", class_id=60, method_id=20)"
    );
}

TEST_F(Consuming, WithASingleActiveConsumerTheNextTakesOver) {
    FieldTableBuilder arguments;
    arguments.add("x-single-active-consumer", true);
    declare(peer, "sac", arguments);
    for (const auto* tag : {"x", "y"}) peer.ask(1, Consume{.queue = "sac", .consumer_tag = tag});
    feed("abc", "sac");
    EXPECT_THAT(take(), ElementsAre("x:a@1", "x:b@2", "x:c@3"));
    peer.ask(1, methods::basic::Cancel{.consumer_tag = "x"});
    feed("d", "sac");
    EXPECT_THAT(take(), ElementsAre("y:d@4"));
}

TEST_F(Consuming, CancelledLeavesItsMessagesOutAndUnknownTagsSucceed) {
    consume("x");
    take();
    feed("a");
    take();
    EXPECT_EQ(peer.ask(1, methods::basic::Cancel{.consumer_tag = "x"}), "1 basic.cancel-ok(consumer_tag=\"x\")");
    EXPECT_EQ(peer.ask(1, methods::basic::Cancel{.consumer_tag = "x"}), "1 basic.cancel-ok(consumer_tag=\"x\")");
    feed("b");
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(drain(publisher, "q"), "b");
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 1}), "");
}

TEST_F(Consuming, GetTakesOneAndCountsTheRest) {
    feed("ab");
    EXPECT_EQ(
        peer.ask(1, methods::basic::Get{.queue = "q"}),
        "1 basic.get-ok(delivery_tag=1, redelivered=false, exchange=\"\", routing_key=\"q\", message_count=1) {} \"a\""
    );
    peer.ask(1, methods::basic::Get{.queue = "q", .no_ack = true});
    EXPECT_EQ(peer.ask(1, methods::basic::Get{.queue = "q"}), "1 basic.get-empty()");
}

TEST_F(Consuming, AConnectionThatIsLostGivesItsMessagesBack) {
    consume("x");
    feed("ab");
    take();
    peer.disconnect();
    test.simulation.run_until_idle();
    EXPECT_THAT(publisher.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("redelivered=true"));
}

TEST(LongQueues, AreDeliveredInPiecesThatTogetherAreEverything) {
    TestBroker test;
    auto peer = test.peer();
    declare(peer, "q");
    const std::string body(100'000, 'x');
    for (int i = 0; i < 50; ++i) publish(peer, "q", body);
    peer.take();
    peer.send(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c", .no_ack = true});
    EXPECT_EQ(peer.take().size(), 51u);
}

}  // namespace
}  // namespace simbroker::server091
