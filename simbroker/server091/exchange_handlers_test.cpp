#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::exchange::Declare;

std::string closed(std::string_view text, int class_id, int method_id, int code = 406) {
    return "1 channel.close(reply_code=" + std::to_string(code) + ", reply_text=\"" + std::string(text) +
           "\", class_id=" + std::to_string(class_id) + ", method_id=" + std::to_string(method_id) + ")";
}

struct Exchanges : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    void bind(
        const std::string& queue,
        const std::string& exchange,
        const std::string& key = "",
        const FieldTableBuilder& arguments = FieldTableBuilder()
    ) {
        peer.ask(
            1,
            methods::queue::Bind{
                .queue = queue, .exchange = exchange, .routing_key = key, .arguments = arguments.view()
            }
        );
    }
};

TEST_F(Exchanges, OfEveryStandardTypeAreThereFromTheStart) {
    for (const auto& [name, type] : std::vector<std::pair<const char*, const char*>>{
             {"amq.direct", "direct"},
             {"amq.fanout", "fanout"},
             {"amq.topic", "topic"},
             {"amq.headers", "headers"},
             {"amq.match", "headers"}
         }) {
        EXPECT_EQ(peer.ask(1, Declare{.exchange = name, .type = type, .durable = true}), "1 exchange.declare-ok()")
            << name;
    }
}

TEST_F(Exchanges, DeclaredAgainMustBeEquivalent) {
    EXPECT_EQ(peer.ask(1, Declare{.exchange = "x", .type = "direct"}), "1 exchange.declare-ok()");
    EXPECT_EQ(peer.ask(1, Declare{.exchange = "x", .type = "direct"}), "1 exchange.declare-ok()");
    EXPECT_EQ(
        peer.ask(1, Declare{.exchange = "x", .type = "fanout", .durable = true}),
        closed(
            "PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received 'fanout' but "
            "current is 'direct'",
            40,
            10
        )
    ) << "the type is compared first";
}

TEST_F(Exchanges, ComparedByAlternateExchangeToo) {
    peer.ask(1, Declare{.exchange = "x", .type = "direct"});
    FieldTableBuilder arguments;
    arguments.add("alternate-exchange", LongString{"ae"});
    EXPECT_EQ(
        peer.ask(1, Declare{.exchange = "x", .type = "direct", .arguments = arguments.view()}),
        closed(
            "PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange 'x' in vhost '/': received the "
            "value 'ae' of type 'longstr' but current is none",
            40,
            10
        )
    );
}

TEST_F(Exchanges, OfAnUnknownTypeAreAnErrorOfTheChannelOrTheConnection) {
    EXPECT_EQ(
        peer.ask(1, Declare{.exchange = "x", .type = "x-nope"}),
        closed("PRECONDITION_FAILED - unknown exchange type 'x-nope'", 40, 10)
    );
    TestBroker old(profile::rabbitmq_3_10());
    auto old_peer = old.peer();
    EXPECT_THAT(
        old_peer.ask(1, Declare{.exchange = "x", .type = "x-nope"}),
        HasSubstr("0 connection.close(reply_code=503, reply_text=\"COMMAND_INVALID - unknown exchange type 'x-nope'\"")
    );
}

TEST_F(Exchanges, WithReservedNamesCannotBeMadeOrDeleted) {
    EXPECT_EQ(
        peer.ask(1, Declare{.exchange = "amq.mine", .type = "direct"}),
        closed("ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'", 40, 10, 403)
    );
    auto other = test.peer();
    EXPECT_EQ(
        other.ask(1, methods::exchange::Delete{.exchange = "amq.direct"}),
        closed("ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed", 40, 20, 403)
    );
}

TEST_F(Exchanges, TheDefaultOneCannotBeTouched) {
    declare(peer, "q");
    EXPECT_EQ(
        peer.ask(1, methods::queue::Bind{.queue = "q"}),
        closed("ACCESS_REFUSED - operation not permitted on the default exchange", 50, 20, 403)
    );
}

TEST_F(Exchanges, DeletingWhatIsNotThereSucceeds) {
    EXPECT_EQ(peer.ask(1, methods::exchange::Delete{.exchange = "nope"}), "1 exchange.delete-ok()");
}

TEST_F(Exchanges, InUseAreNotDeletedIfUnused) {
    peer.ask(1, Declare{.exchange = "x", .type = "fanout"});
    declare(peer, "q");
    bind("q", "x");
    EXPECT_EQ(
        peer.ask(1, methods::exchange::Delete{.exchange = "x", .if_unused = true}),
        closed("PRECONDITION_FAILED - exchange 'x' in vhost '/' in use", 40, 20)
    );
}

TEST_F(Exchanges, RouteByTheirType) {
    for (const auto* type : {"direct", "fanout", "topic"}) peer.ask(1, Declare{.exchange = type, .type = type});
    declare(peer, "q");
    bind("q", "direct", "key");
    bind("q", "fanout");
    bind("q", "topic", "a.*.c");
    peer.publish(1, {.exchange = "direct", .routing_key = "key"}, "direct-hit");
    peer.publish(1, {.exchange = "direct", .routing_key = "other"}, "direct-miss");
    peer.publish(1, {.exchange = "fanout", .routing_key = "any"}, "fanout-hit");
    peer.publish(1, {.exchange = "topic", .routing_key = "a.b.c"}, "topic-hit");
    peer.publish(1, {.exchange = "topic", .routing_key = "a.b"}, "topic-miss");
    EXPECT_EQ(drain(peer, "q"), "direct-hit fanout-hit topic-hit");
}

TEST_F(Exchanges, OfHeadersRouteByHeadersAndCheckXMatch) {
    peer.ask(1, Declare{.exchange = "h", .type = "headers"});
    declare(peer, "q");
    FieldTableBuilder wanted;
    wanted.add("x-match", LongString{"all"}).add("color", LongString{"red"});
    bind("q", "h", "", wanted);
    FieldTableBuilder red, blue;
    red.add("color", LongString{"red"});
    blue.add("color", LongString{"blue"});
    peer.publish(1, {.exchange = "h"}, "red", {.headers = red.view()});
    peer.publish(1, {.exchange = "h"}, "blue", {.headers = blue.view()});
    EXPECT_EQ(drain(peer, "q"), "red");
    FieldTableBuilder wrong;
    wrong.add("x-match", LongString{"foo"});
    EXPECT_EQ(
        peer.ask(1, methods::queue::Bind{.queue = "q", .exchange = "h", .arguments = wrong.view()}),
        closed(
            "PRECONDITION_FAILED - Invalid x-match field value <<\\\"foo\\\">>; expected all, any, all-with-x, or "
            "any-with-x",
            50,
            20
        )
    );
}

TEST_F(Exchanges, PutAMessageIntoAQueueOnceHoweverManyWaysLeadThere) {
    peer.ask(1, Declare{.exchange = "x", .type = "topic"});
    declare(peer, "q");
    bind("q", "x", "a.#");
    bind("q", "x", "#.a");
    peer.publish(1, {.exchange = "x", .routing_key = "a"}, "once");
    EXPECT_EQ(drain(peer, "q"), "once");
}

TEST_F(Exchanges, LeadToExchangesInCyclesThatEnd) {
    for (const auto* name : {"a", "b"}) peer.ask(1, Declare{.exchange = name, .type = "fanout"});
    EXPECT_EQ(peer.ask(1, methods::exchange::Bind{.destination = "b", .source = "a"}), "1 exchange.bind-ok()");
    EXPECT_EQ(peer.ask(1, methods::exchange::Bind{.destination = "a", .source = "b"}), "1 exchange.bind-ok()");
    declare(peer, "q");
    bind("q", "b");
    peer.publish(1, {.exchange = "a"}, "m");
    EXPECT_EQ(drain(peer, "q"), "m");
    peer.ask(1, methods::exchange::Unbind{.destination = "b", .source = "a"});
    peer.publish(1, {.exchange = "a"}, "n");
    EXPECT_EQ(drain(peer, "q"), "");
}

TEST_F(Exchanges, ThatDeleteThemselvesGoWithTheirLastBinding) {
    peer.ask(1, Declare{.exchange = "x", .type = "fanout", .auto_delete = true});
    declare(peer, "q");
    bind("q", "x");
    peer.ask(1, methods::queue::Delete{.queue = "q"});
    EXPECT_EQ(
        peer.ask(1, Declare{.exchange = "x", .passive = true}),
        closed("NOT_FOUND - no exchange 'x' in vhost '/'", 40, 10, 404)
    );
}

TEST_F(Exchanges, SendWhatTheyCannotRouteToTheirAlternate) {
    FieldTableBuilder arguments;
    arguments.add("alternate-exchange", LongString{"rest"});
    peer.ask(1, Declare{.exchange = "rest", .type = "fanout"});
    peer.ask(1, Declare{.exchange = "x", .type = "direct", .arguments = arguments.view()});
    declare(peer, "q");
    declare(peer, "unrouted");
    bind("q", "x", "k");
    bind("unrouted", "rest");
    peer.publish(1, {.exchange = "x", .routing_key = "k", .mandatory = true}, "routed");
    peer.publish(1, {.exchange = "x", .routing_key = "none", .mandatory = true}, "rest");
    EXPECT_THAT(peer.take(), IsEmpty()) << "nothing is returned";
    EXPECT_EQ(drain(peer, "q"), "routed");
    EXPECT_EQ(drain(peer, "unrouted"), "rest");
}

TEST_F(Exchanges, BoundTwiceAndUnboundWithOtherArgumentsStayBound) {
    peer.ask(1, Declare{.exchange = "x", .type = "direct"});
    declare(peer, "q");
    FieldTableBuilder arguments;
    arguments.add("a", std::int32_t{1});
    bind("q", "x", "k");
    bind("q", "x", "k");
    EXPECT_EQ(
        peer.ask(
            1, methods::queue::Unbind{.queue = "q", .exchange = "x", .routing_key = "k", .arguments = arguments.view()}
        ),
        "1 queue.unbind-ok()"
    ) << "unbinding what is not bound succeeds";
    peer.publish(1, {.exchange = "x", .routing_key = "k"}, "still");
    peer.ask(1, methods::queue::Unbind{.queue = "q", .exchange = "x", .routing_key = "k"});
    peer.publish(1, {.exchange = "x", .routing_key = "k"}, "gone");
    EXPECT_EQ(drain(peer, "q"), "still");
}

TEST_F(Exchanges, ThatAreInternalTakeNoPublish) {
    peer.ask(1, Declare{.exchange = "x", .type = "fanout", .internal = true});
    peer.publish(1, {.exchange = "x"}, "m");
    EXPECT_THAT(
        peer.take(),
        ElementsAre(closed("ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'", 60, 40, 403))
    );
}

}  // namespace
}  // namespace simbroker::server091
