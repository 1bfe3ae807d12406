// The extensions as a client sees them; what each refuses is in queue_handlers_test.cpp.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

FieldTableBuilder arguments(std::string_view name, const methods::FieldValue& value) {
    FieldTableBuilder table;
    table.add(name, value);
    return table;
}

struct Extensions : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    std::string get(const std::string& queue) { return peer.ask(1, methods::basic::Get{.queue = queue}); }
};

TEST_F(Extensions, MessagesExpireAfterTheQueuesTimeToLive) {
    declare(peer, "q", arguments("x-message-ttl", std::int32_t{1800000}));
    publish(peer, "q", "m");
    test.advance(seconds(1799));
    EXPECT_THAT(peer.ask(1, methods::queue::Declare{.queue = "q", .passive = true}), HasSubstr("message_count=1"));
    test.advance(seconds(1));
    EXPECT_THAT(peer.ask(1, methods::queue::Declare{.queue = "q", .passive = true}), HasSubstr("message_count=0"));
}

TEST_F(Extensions, TheShorterTimeToLiveCounts) {
    declare(peer, "q", arguments("x-message-ttl", std::int32_t{60000}));
    publish(peer, "q", "m", {.expiration = "100"});
    test.advance(milliseconds(100));
    EXPECT_EQ(drain(peer, "q"), "");
}

TEST_F(Extensions, AnExpiredMessageBehindOneThatIsNotStaysCountedAndIsNeverDelivered) {
    declare(peer, "q");
    publish(peer, "q", "long");
    publish(peer, "q", "short", {.expiration = "50"});
    test.advance(milliseconds(300));
    EXPECT_THAT(peer.ask(1, methods::queue::Declare{.queue = "q", .passive = true}), HasSubstr("message_count=2"));
    EXPECT_EQ(drain(peer, "q"), "long");
}

TEST_F(Extensions, ATimeToLiveOfZeroIsForConsumersThatWait) {
    declare(peer, "q", arguments("x-message-ttl", std::int32_t{0}));
    publish(peer, "q", "lost");
    EXPECT_EQ(get("q"), "1 basic.get-empty()");
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    publish(peer, "q", "kept");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("\"kept\"")));
}

TEST_F(Extensions, AMessageHeldPastItsTimeExpiresWhenRequeued) {
    declare(peer, "q", arguments("x-message-ttl", std::int32_t{400}));
    publish(peer, "q", "m");
    get("q");
    test.advance(milliseconds(600));
    peer.ask(1, methods::basic::Reject{.delivery_tag = 1, .requeue = true});
    EXPECT_EQ(get("q"), "1 basic.get-empty()");
}

TEST_F(Extensions, AFullQueueDropsItsHead) {
    declare(peer, "q", arguments("x-max-length", std::int32_t{3}));
    for (const auto* body : {"a", "b", "c", "d", "e"}) publish(peer, "q", body);
    EXPECT_EQ(drain(peer, "q"), "c d e");
}

TEST_F(Extensions, AQueueFullOfOctetsDropsToo) {
    declare(peer, "q", arguments("x-max-length-bytes", std::int32_t{10}));
    for (const auto* body : {"aaaa", "bbbb", "cccc"}) publish(peer, "q", body);
    EXPECT_EQ(drain(peer, "q"), "bbbb cccc");
}

TEST_F(Extensions, PrioritiesCountWhereTheQueueKnowsThem) {
    declare(peer, "q", arguments("x-max-priority", std::int32_t{5}));
    declare(peer, "plain");
    for (const auto& [body, priority] :
         std::vector<std::pair<const char*, int>>{{"0", 0}, {"3", 3}, {"9", 9}, {"5", 5}, {"t", 3}}) {
        publish(peer, "q", body, {.priority = static_cast<std::uint8_t>(priority)});
        publish(peer, "plain", body, {.priority = static_cast<std::uint8_t>(priority)});
    }
    EXPECT_EQ(drain(peer, "q"), "9 5 3 t 0") << "9 counts as 5";
    EXPECT_EQ(drain(peer, "plain"), "0 3 9 5 t");
}

struct DirectReplies : Extensions {
    ScriptedPeer server = test.peer();

    // The address a server sees in the request.
    std::string ask_for_reply() {
        declare(server, "rpc");
        peer.ask(1, methods::basic::Consume{.queue = "amq.rabbitmq.reply-to", .consumer_tag = "rt", .no_ack = true});
        publish(peer, "rpc", "question", {.reply_to = "amq.rabbitmq.reply-to"});
        const auto line = server.ask(1, methods::basic::Get{.queue = "rpc", .no_ack = true});
        const auto start = line.find("reply_to=\"") + 10;
        return line.substr(start, line.find('"', start) - start);
    }
};

TEST_F(DirectReplies, GoStraightToTheChannelThatAsked) {
    const auto address = ask_for_reply();
    EXPECT_THAT(address, testing::StartsWith("amq.rabbitmq.reply-to."));
    publish(server, address, "answer");
    EXPECT_THAT(
        peer.take(),
        ElementsAre(
            "1 basic.deliver(consumer_tag=\"rt\", delivery_tag=1, redelivered=false, exchange=\"\", routing_key=\"" +
            address + "\") {} \"answer\""
        )
    );
    publish(server, address, "again");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("delivery_tag=2")));
}

TEST_F(DirectReplies, EndWithTheChannel) {
    const auto address = ask_for_reply();
    EXPECT_EQ(
        server.ask(1, methods::queue::Declare{.queue = address, .passive = true}),
        "1 queue.declare-ok(queue=\"" + address + "\", message_count=0, consumer_count=1)"
    );
    peer.ask(1, methods::channel::Close{});
    publish(server, address, "answer");
    EXPECT_THAT(peer.take(), IsEmpty());
    EXPECT_THAT(server.ask(1, methods::queue::Declare{.queue = address, .passive = true}), HasSubstr("NOT_FOUND"));
}

TEST_F(DirectReplies, NeedAConsumerThatDoesNotAcknowledge) {
    declare(peer, "rpc");
    publish(peer, "rpc", "question", {.reply_to = "amq.rabbitmq.reply-to"});
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("PRECONDITION_FAILED - fast reply consumer does not exist")));
    EXPECT_THAT(
        server.ask(1, methods::basic::Consume{.queue = "amq.rabbitmq.reply-to"}),
        HasSubstr("PRECONDITION_FAILED - reply consumer cannot acknowledge")
    );
}

struct DeadLettering : Extensions {
    void make(const std::string& queue, FieldTableBuilder table = FieldTableBuilder()) {
        declare(peer, "dead");
        table.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"dead"});
        declare(peer, queue, table);
    }
};

TEST_F(DeadLettering, TellsTheDeathInHeaders) {
    make("q");
    publish(peer, "q", "m", {.delivery_mode = std::uint8_t{2}});
    get("q");
    peer.ask(1, methods::basic::Nack{.delivery_tag = 1});
    EXPECT_EQ(
        get("dead"),
        "1 basic.get-ok(delivery_tag=2, redelivered=false, exchange=\"\", routing_key=\"dead\", message_count=0) "
        "{headers={x-death=A[F{count=l1,reason=S\"rejected\",queue=S\"q\",time=T1767225600,exchange=S\"\",routing-keys="
        "A[S\"q\"]}],"
        "x-first-death-exchange=S\"\",x-first-death-queue=S\"q\",x-first-death-reason=S\"rejected\","
        "x-last-death-exchange=S\"\",x-last-death-queue=S\"q\",x-last-death-reason=S\"rejected\"}, delivery_mode=2} "
        "\"m\""
    );
}

TEST_F(DeadLettering, OfARejectedMessageIsARedeliveryFromFourThreeOn) {
    make("q");
    publish(peer, "q", "m");
    get("q");
    peer.ask(1, methods::basic::Reject{.delivery_tag = 1});
    EXPECT_THAT(get("dead"), HasSubstr("redelivered=true"));
}

TEST_F(DeadLettering, OfExpiredMessagesMovesTheExpirationIntoTheDeath) {
    make("q");
    publish(peer, "q", "m", {.expiration = "50"});
    test.advance(milliseconds(50));
    const auto line = get("dead");
    EXPECT_THAT(line, HasSubstr("F{original-expiration=S\"50\",count=l1,reason=S\"expired\""));
    EXPECT_THAT(line, testing::Not(HasSubstr(" expiration=")));
}

TEST_F(DeadLettering, OfWhatOverflowsGivesTheReasonMaxlen) {
    make("q", arguments("x-max-length", std::int32_t{1}));
    publish(peer, "q", "a");
    publish(peer, "q", "b");
    EXPECT_THAT(get("dead"), HasSubstr("reason=S\"maxlen\""));
    EXPECT_EQ(drain(peer, "q"), "b");
}

TEST_F(DeadLettering, RefusedByAFullQueueStillNacks) {
    FieldTableBuilder table = arguments("x-max-length", std::int32_t{1});
    table.add("x-overflow", LongString{"reject-publish-dlx"});
    make("q", table);
    peer.ask(1, methods::confirm::Select{});
    publish(peer, "q", "a");
    publish(peer, "q", "b");
    EXPECT_THAT(
        peer.take(), ElementsAre(HasSubstr("basic.ack(delivery_tag=1"), HasSubstr("basic.nack(delivery_tag=2"))
    );
    EXPECT_THAT(get("dead"), HasSubstr("\"b\""));
}

TEST_F(DeadLettering, WithoutAnExchangeOfThatNameLosesTheMessage) {
    declare(peer, "q", arguments("x-dead-letter-exchange", LongString{"nope"}));
    publish(peer, "q", "m");
    get("q");
    EXPECT_EQ(peer.ask(1, methods::basic::Reject{.delivery_tag = 1}), "");
    EXPECT_EQ(get("q"), "1 basic.get-empty()");
}

TEST_F(DeadLettering, InACircleEndsUnlessSomebodyRejected) {
    FieldTableBuilder table = arguments("x-message-ttl", std::int32_t{50});
    table.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"circle"});
    declare(peer, "circle", table);
    publish(peer, "circle", "m");
    test.advance(seconds(1));
    EXPECT_THAT(peer.ask(1, methods::queue::Declare{.queue = "circle", .passive = true}), HasSubstr("message_count=0"));
}

TEST_F(DeadLettering, RetriesCountTheirRounds) {
    FieldTableBuilder wait = arguments("x-message-ttl", std::int32_t{1000});
    wait.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"work"});
    FieldTableBuilder work;
    work.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"wait"});
    declare(peer, "wait", wait);
    declare(peer, "work", work);
    publish(peer, "work", "m");
    for (std::uint64_t round = 1; round <= 3; ++round) {
        get("work");
        peer.ask(1, methods::basic::Nack{.delivery_tag = round});
        test.advance(seconds(1));
    }
    const auto line = get("work");
    EXPECT_THAT(line, HasSubstr("x-death=A[F{count=l3,reason=S\"expired\",queue=S\"wait\""));
    EXPECT_THAT(line, HasSubstr("F{count=l3,reason=S\"rejected\",queue=S\"work\""));
    EXPECT_THAT(line, HasSubstr("x-first-death-queue=S\"work\""));
}

TEST_F(DeadLettering, BeforeThreeThirteenKeepsItsMemoryInTheHeaders) {
    TestBroker old(profile::rabbitmq_3_10());
    auto client = old.peer();
    declare(client, "dead");
    FieldTableBuilder table;
    table.add("x-dead-letter-exchange", LongString{""}).add("x-dead-letter-routing-key", LongString{"dead"});
    declare(client, "q", table);
    FieldTableBuilder headers;
    headers.add("z", std::int32_t{1}).add("x-death", LongString{"mine"});
    publish(client, "q", "m", {.headers = headers.view()});
    client.ask(1, methods::basic::Get{.queue = "q"});
    client.ask(1, methods::basic::Reject{.delivery_tag = 1});
    EXPECT_THAT(
        client.ask(1, methods::basic::Get{.queue = "dead"}),
        HasSubstr("{headers={x-death=A[F{count=l1,reason=S\"rejected\",queue=S\"q\",time=T1767225600,exchange=S\"\","
                  "routing-keys=A[S\"q\"]}],z=I1}}")
    );
}

}  // namespace
}  // namespace simbroker::server091
