#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

std::string closed(std::string_view text, int code = 406, int class_id = 60, int method_id = 40) {
    return "1 channel.close(reply_code=" + std::to_string(code) + ", reply_text=\"" + std::string(text) +
           "\", class_id=" + std::to_string(class_id) + ", method_id=" + std::to_string(method_id) + ")";
}

struct Publishing : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();
    void SetUp() override { declare(peer, "q"); }
};

TEST_F(Publishing, AllPropertiesArriveAsSent) {
    FieldTableBuilder headers;
    headers.add("k", LongString{"v"});
    const BasicProperties properties{
        .content_type = "text/plain",
        .content_encoding = "utf8",
        .headers = headers.view(),
        .delivery_mode = std::uint8_t{2},
        .priority = std::uint8_t{3},
        .correlation_id = "c",
        .reply_to = "r",
        .expiration = "100000",
        .message_id = "m",
        .timestamp = methods::Timestamp{1},
        .type = "t",
        .user_id = "guest",
        .app_id = "a",
        .cluster_id = "k",
    };
    publish(peer, "q", "body", properties);
    EXPECT_EQ(
        peer.ask(1, methods::basic::Get{.queue = "q"}),
        "1 basic.get-ok(delivery_tag=1, redelivered=false, exchange=\"\", routing_key=\"q\", message_count=0) " +
            to_string(properties) + " \"body\""
    );
}

TEST_F(Publishing, BodiesAreCutToTheReceiversFrameMax) {
    auto small = test.peer({.frame_max = 8192});
    const std::string body(20000, 'x');
    publish(peer, "q", body);
    const auto line = small.ask(1, methods::basic::Get{.queue = "q"});
    EXPECT_THAT(
        line,
        HasSubstr(
            " \"" + std::string(8184, 'x') + "\" \"" + std::string(8184, 'x') + "\" \"" + std::string(3632, 'x') + "\""
        )
    );
}

TEST_F(Publishing, AnEmptyBodyHasNoBodyFrame) {
    publish(peer, "q", "");
    EXPECT_THAT(peer.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("message_count=0) {} \"\""));
}

TEST_F(Publishing, ToAnExchangeThatIsNotThereClosesTheChannel) {
    peer.publish(1, {.exchange = "nope"}, "m");
    EXPECT_THAT(peer.take(), ElementsAre(closed("NOT_FOUND - no exchange 'nope' in vhost '/'", 404)));
}

TEST_F(Publishing, MandatoryAndUnroutableComesBackWithItsContent) {
    peer.publish(1, {.routing_key = "nobody", .mandatory = true}, "m", {.content_type = "t/x"});
    EXPECT_THAT(
        peer.take(),
        ElementsAre("1 basic.return(reply_code=312, reply_text=\"NO_ROUTE\", exchange=\"\", routing_key=\"nobody\") "
                    "{content_type=\"t/x\"} \"m\"")
    );
    peer.publish(1, {.routing_key = "nobody"}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
}

TEST_F(Publishing, ImmediateIsNotImplemented) {
    peer.publish(1, {.routing_key = "q", .immediate = true}, "m");
    EXPECT_THAT(
        peer.take(),
        ElementsAre(HasSubstr("0 connection.close(reply_code=540, reply_text=\"NOT_IMPLEMENTED - immediate=true\""))
    );
}

TEST_F(Publishing, WithSomebodyElsesUserIdIsRefused) {
    publish(peer, "q", "m", {.user_id = "somebody"});
    EXPECT_THAT(
        peer.take(),
        ElementsAre(closed("PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was 'guest'"
        ))
    );
}

TEST_F(Publishing, WithAnExpirationThatIsNoNumberIsRefused) {
    const std::vector<std::pair<const char*, const char*>> observed{
        {"abc", "no_integer"},
        {"", "no_integer"},
        {"-1", "{value_negative,-1}"},
        {"1.5", "{leftover_string,\\\".5\\\"}"},
        {"5 ", "{leftover_string,\\\" \\\"}"},
        {"315360000001", "{value_too_large,315360000001}"},
    };
    for (const auto& [text, term] : observed) {
        auto fresh = test.peer();
        publish(fresh, "q", "m", {.expiration = text});
        EXPECT_THAT(
            fresh.take(),
            ElementsAre(closed("PRECONDITION_FAILED - invalid expiration '" + std::string(text) + "': " + term))
        );
    }
}

// The line break and the blanks are those of Erlang's ~p.
TEST_F(Publishing, AVeryLongExpirationIsRefusedOnTwoLines) {
    const std::string digits(30, '9');
    publish(peer, "q", "m", {.expiration = digits});
    const auto text =
        "invalid expiration '" + digits + "': {value_too_large,\\x0a" + std::string(54, ' ') + digits + "}";
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr(text)));
}

TEST_F(Publishing, PropertiesThatDoNotDecodeAreAnInternalError) {
    codec::wire::Bytes octets;
    methods::append_method(octets, {1}, methods::basic::Publish{.routing_key = "q"});
    methods::append_content(
        octets, {1}, codec::wire::as_bytes(std::string_view("\x80\0", 2)), codec::wire::as_bytes("m"), 131072
    );
    peer.send_octets(octets);
    EXPECT_THAT(
        peer.take(),
        ElementsAre("0 connection.close(reply_code=541, reply_text=\"INTERNAL_ERROR\", class_id=0, method_id=0)")
    );
}

TEST_F(Publishing, HeadersAreSortedFromThreeThirteenOnAndUntouchedBefore) {
    FieldTableBuilder headers;
    headers.add("b", std::int32_t{2}).add("a", std::int32_t{1});
    publish(peer, "q", "m", {.headers = headers.view()});
    EXPECT_THAT(peer.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("{headers={a=I1,b=I2}}"));
    TestBroker old(profile::rabbitmq_3_10());
    auto old_peer = old.peer();
    declare(old_peer, "q");
    publish(old_peer, "q", "m", {.headers = headers.view()});
    EXPECT_THAT(old_peer.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("{headers={b=I2,a=I1}}"));
}

TEST_F(Publishing, CcAndBccRouteAndBccIsHidden) {
    for (const auto* name : {"cc", "bcc"}) declare(peer, name);
    FieldArrayBuilder cc, bcc;
    cc.add(LongString{"cc"});
    bcc.add(LongString{"bcc"});
    FieldTableBuilder headers;
    headers.add("CC", cc.view()).add("BCC", bcc.view());
    publish(peer, "q", "m", {.headers = headers.view()});
    for (const auto* name : {"q", "cc", "bcc"}) {
        EXPECT_THAT(
            peer.ask(1, methods::basic::Get{.queue = name, .no_ack = true}),
            HasSubstr("routing_key=\"q\", message_count=0) {headers={CC=A[S\"cc\"]}} \"m\"")
        ) << name;
    }
}

// A table without BCC is a table still, as RabbitMQ passes it on (observed: b.dlx.bcc).
TEST_F(Publishing, OfHeadersThatAreNothingButBccAnEmptyTableIsLeft) {
    declare(peer, "q");
    FieldArrayBuilder bcc;
    bcc.add(LongString{"none"});
    FieldTableBuilder headers;
    headers.add("BCC", bcc.view());
    publish(peer, "q", "m", {.headers = headers.view()});
    EXPECT_THAT(peer.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("message_count=0) {headers={}} \"m\""));
}

TEST_F(Publishing, ACcThatIsNoArrayIsRefused) {
    FieldTableBuilder headers;
    headers.add("CC", LongString{"q"});
    publish(peer, "q", "m", {.headers = headers.view()});
    EXPECT_THAT(
        peer.take(),
        ElementsAre(closed("PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\\\"CC\\\",longstr}"))
    );
}

// Observed: 3.10 looks at the user-id first, 4.0 last; an expiration comes before CC, and CC before the delivery mode.
TEST(Publish, OfSeveralMistakesTheFirstIsNamed) {
    const auto answer = [](const char* profile, BasicProperties properties) {
        TestBroker test(*profile::find(profile));
        auto peer = test.peer();
        FieldTableBuilder headers;
        headers.add("CC", std::int32_t{5});
        properties.headers = headers.view();
        publish(peer, "q", "m", properties);
        const auto lines = peer.take();
        return lines.empty() ? std::string() : lines.front();
    };
    EXPECT_THAT(answer("rabbitmq-3.10", {.user_id = "other"}), HasSubstr("user_id property"));
    EXPECT_THAT(answer("rabbitmq-4.0", {.user_id = "other"}), HasSubstr("unacceptable_type_in_header"));
    EXPECT_THAT(answer("rabbitmq-3.10", {.delivery_mode = 0}), HasSubstr("unacceptable_type_in_header"));
    EXPECT_THAT(answer("rabbitmq-4.3", {.expiration = "abc"}), HasSubstr("invalid expiration"));
    EXPECT_THAT(answer("rabbitmq-4.3", {.reply_to = "amq.rabbitmq.reply-to"}), HasSubstr("fast reply consumer"));
}

TEST_F(Publishing, AMessageLargerThanAllTheBrokerMayHoldIsRefused) {
    BrokerConfig config;
    config.max_memory = 100'000;
    TestBroker bounded(config);
    auto small = bounded.peer();
    declare(small, "q");
    publish(small, "q", std::string(90'000, 'x'));
    EXPECT_THAT(
        small.take(), ElementsAre(HasSubstr("0 connection.close(reply_code=506, reply_text=\"RESOURCE_ERROR - "))
    );
}

struct Confirming : Publishing {
    void SetUp() override {
        Publishing::SetUp();
        peer.ask(1, methods::confirm::Select{});
    }
};

TEST_F(Confirming, EveryPublishIsAcknowledgedByItsNumber) {
    publish(peer, "q", "a");
    EXPECT_THAT(peer.take(), ElementsAre("1 basic.ack(delivery_tag=1, multiple=false)"));
    publish(peer, "nobody", "b");
    EXPECT_THAT(peer.take(), ElementsAre("1 basic.ack(delivery_tag=2, multiple=false)"))
        << "unroutable, and nobody minds";
}

TEST_F(Confirming, ABatchIsAcknowledgedAsOne) {
    codec::wire::Bytes octets;
    for (int i = 0; i < 5; ++i) {
        methods::append_method(octets, {1}, methods::basic::Publish{.routing_key = "q"});
        methods::append_content(
            octets, {1}, codec::wire::as_bytes(std::string_view("\0\0", 2)), codec::wire::as_bytes("m"), 131072
        );
    }
    peer.send_octets(octets);
    EXPECT_THAT(peer.take(), ElementsAre("1 basic.ack(delivery_tag=5, multiple=true)"));
}

TEST_F(Confirming, AReturnComesBeforeItsAck) {
    peer.publish(1, {.routing_key = "nobody", .mandatory = true}, "m");
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("basic.return"), "1 basic.ack(delivery_tag=1, multiple=false)"));
}

TEST_F(Confirming, ARefusingQueueIsANack) {
    FieldTableBuilder arguments;
    arguments.add("x-max-length", std::int32_t{1}).add("x-overflow", LongString{"reject-publish"});
    declare(peer, "full", arguments);
    publish(peer, "full", "a");
    publish(peer, "full", "b");
    EXPECT_THAT(
        peer.take(),
        ElementsAre(
            "1 basic.ack(delivery_tag=1, multiple=false)", "1 basic.nack(delivery_tag=2, multiple=true, requeue=true)"
        )
    );
    EXPECT_EQ(drain(peer, "full"), "a");
}

TEST_F(Confirming, ExcludesTransactions) {
    EXPECT_EQ(
        peer.ask(1, methods::tx::Select{}),
        closed("PRECONDITION_FAILED - cannot switch from confirm to tx mode", 406, 90, 10)
    );
}

struct Transactions : Publishing {
    ScriptedPeer other = test.peer();
    void SetUp() override {
        Publishing::SetUp();
        EXPECT_EQ(peer.ask(1, methods::tx::Select{}), "1 tx.select-ok()");
    }
};

TEST_F(Transactions, PublishAtCommit) {
    publish(peer, "q", "a");
    publish(peer, "q", "b");
    EXPECT_EQ(drain(other, "q"), "");
    EXPECT_EQ(peer.ask(1, methods::tx::Commit{}), "1 tx.commit-ok()");
    EXPECT_EQ(drain(other, "q"), "a b");
}

TEST_F(Transactions, RolledBackNeverHappened) {
    publish(peer, "q", "a");
    EXPECT_EQ(peer.ask(1, methods::tx::Rollback{}), "1 tx.rollback-ok()");
    EXPECT_EQ(peer.ask(1, methods::tx::Commit{}), "1 tx.commit-ok()");
    EXPECT_EQ(drain(other, "q"), "");
}

TEST_F(Transactions, AcknowledgeAtCommitAndAgainAfterRollback) {
    publish(other, "q", "a");
    peer.ask(1, methods::basic::Get{.queue = "q"});
    peer.ask(1, methods::basic::Ack{.delivery_tag = 1});
    peer.ask(1, methods::tx::Rollback{});
    peer.ask(1, methods::basic::Ack{.delivery_tag = 1});
    EXPECT_EQ(peer.ask(1, methods::tx::Commit{}), "1 tx.commit-ok()");
    peer.ask(1, methods::channel::Close{});
    EXPECT_EQ(drain(other, "q"), "");
}

TEST_F(Transactions, NotCommittedGiveTheirMessagesBack) {
    publish(other, "q", "a");
    peer.ask(1, methods::basic::Get{.queue = "q"});
    peer.ask(1, methods::basic::Ack{.delivery_tag = 1});
    peer.ask(1, methods::channel::Close{});
    EXPECT_THAT(other.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("redelivered=true"));
}

TEST_F(Transactions, ReturnWhatIsUnroutableAtCommit) {
    peer.publish(1, {.routing_key = "nobody", .mandatory = true}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
    EXPECT_THAT(peer.ask(1, methods::tx::Commit{}), testing::MatchesRegex("1 basic.return.* ; 1 tx.commit-ok\\(\\)"));
}

// Observed on 3.10.8: only names are kept until the commit.
TEST(TransactionsByVersion, LookForQueuesAtCommitIn310) {
    TestBroker test(profile::rabbitmq_3_10());
    auto peer = test.peer({.channels = 2});
    peer.ask(1, methods::tx::Select{});
    peer.publish(1, {.routing_key = "q", .mandatory = true}, "early");
    peer.ask(2, methods::queue::Declare{.queue = "q"});
    EXPECT_EQ(peer.ask(1, methods::tx::Commit{}), "1 tx.commit-ok()");
    peer.publish(1, {.routing_key = "q"}, "for another");
    peer.ask(2, methods::queue::Delete{.queue = "q"});
    peer.ask(2, methods::queue::Declare{.queue = "q"});
    EXPECT_EQ(peer.ask(1, methods::tx::Commit{}), "1 tx.commit-ok()");
    EXPECT_EQ(drain(peer, "q"), "for another");
}

TEST(TransactionsByVersion, DifferWhereAQueueIsGoneAtCommit) {
    const auto commit_of = [](const profile::Profile& profile) {
        TestBroker test(profile);
        auto peer = test.peer();
        declare(peer, "q");
        peer.ask(1, methods::tx::Select{});
        peer.publish(1, {.routing_key = "q", .mandatory = true}, "m", {});
        peer.ask(1, methods::queue::Delete{.queue = "q"});
        peer.send(1, methods::tx::Commit{});
        return peer.take();
    };
    EXPECT_THAT(
        commit_of(profile::rabbitmq_3_10()),
        ElementsAre(HasSubstr("basic.return(reply_code=312"), HasSubstr("tx.commit-ok"))
    );
    EXPECT_THAT(commit_of(profile::rabbitmq_4_0()), ElementsAre(HasSubstr("406")));
    EXPECT_THAT(
        commit_of(profile::rabbitmq_4_3()),
        ElementsAre(HasSubstr("506, reply_text=\"RESOURCE_ERROR - failed to deliver message: {not_found,{resource,"))
    );
}

TEST_F(Transactions, MustBeSelectedFirst) {
    EXPECT_EQ(
        other.ask(1, methods::tx::Commit{}), closed("PRECONDITION_FAILED - channel is not transactional", 406, 90, 20)
    );
}

}  // namespace
}  // namespace simbroker::server091
