// What a user may do, as the client hears of it. The texts are RabbitMQ's, observed on 3.10.8, 4.0.5 and 4.3.6.
#include <fmt/format.h>

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using namespace operation;
using testing::StartsWith;

struct PermissionsOf : testing::Test {
    explicit PermissionsOf(const profile::Profile& profile = profile::rabbitmq_4_3()) : test(config(profile)) {}

    // anna may do everything with names that begin with lim., and nothing else.
    static BrokerConfig config(const profile::Profile& profile) {
        auto config = TestBroker::config_of(profile);
        config.operations = {
            AddUser{"anna", "secret"},
            SetPermissions{.user = "anna", .configure = "^lim\\.", .write = "^lim\\.", .read = "^lim\\."},
        };
        return config;
    }

    ScriptedPeer anna(std::uint16_t channels = 1) {
        return test.peer({.user = "anna", .password = "secret", .channels = channels});
    }
    std::string operate(Operation operation) { return test.operate(std::move(operation)); }

    TestBroker test;
};

struct Permissions : PermissionsOf {};

struct PermissionsOf310 : PermissionsOf {
    PermissionsOf310() : PermissionsOf(profile::rabbitmq_3_10()) {}
};

std::string refused(std::string_view access, std::string_view what) {
    return fmt::format(
        "1 channel.close(reply_code=403, reply_text=\"ACCESS_REFUSED - {}access to {} in vhost '/' refused for user "
        "'anna'\"",
        access,
        what
    );
}

TEST_F(Permissions, AreOfNoConcernToWhoMayDoEverything) {
    auto peer = test.peer();
    EXPECT_THAT(declare(peer, "zz"), HasSubstr("queue.declare-ok"));
    publish(peer, "zz", "m");
    EXPECT_EQ(drain(peer, "zz"), "m");
}

TEST_F(Permissions, LetThroughWhatMatches) {
    auto peer = anna();
    EXPECT_THAT(declare(peer, "lim.q"), HasSubstr("queue.declare-ok"));
    EXPECT_THAT(
        peer.ask(1, methods::exchange::Declare{.exchange = "lim.x", .type = "fanout"}), HasSubstr("exchange.declare-ok")
    );
    EXPECT_THAT(peer.ask(1, methods::queue::Bind{.queue = "lim.q", .exchange = "lim.x"}), HasSubstr("queue.bind-ok"));
    peer.publish(1, {.exchange = "lim.x"}, "m");
    EXPECT_EQ(drain(peer, "lim.q"), "m");
}

// Observed on 3.10.8.
TEST_F(Permissions, ThatAreTakenAwayLastForABusyChannel) {
    auto peer = anna(2);
    declare(peer, "lim.q");
    operate(SetPermissions{.user = "anna", .configure = "^$", .write = "^$", .read = "^$"});
    test.advance(milliseconds(900));
    EXPECT_THAT(declare(peer, "lim.q"), HasSubstr("queue.declare-ok")) << "it was allowed to, less than a second ago";
    EXPECT_THAT(peer.ask(2, methods::queue::Declare{.queue = "lim.q"}), HasSubstr("configure access to queue 'lim.q'"))
        << "each channel remembers for itself";
    test.advance(milliseconds(1000));
    EXPECT_THAT(declare(peer, "lim.q"), StartsWith(refused("configure ", "queue 'lim.q'")));
}

TEST_F(Permissions, AreRememberedForTheLastTwelveNames) {
    auto peer = anna();
    for (int i = 0; i < 13; ++i) declare(peer, fmt::format("lim.{}", i));
    operate(SetPermissions{.user = "anna", .configure = "^$", .write = "^$", .read = "^$"});
    EXPECT_THAT(declare(peer, "lim.1"), HasSubstr("queue.declare-ok"));
    EXPECT_THAT(declare(peer, "lim.0"), StartsWith(refused("configure ", "queue 'lim.0'")));
}

TEST_F(Permissions, ToConfigureAreNeededToDeclareAndDelete) {
    EXPECT_THAT(anna().ask(1, methods::queue::Declare{.queue = "zz"}), StartsWith(refused("configure ", "queue 'zz'")));
    EXPECT_THAT(anna().ask(1, methods::queue::Delete{.queue = "zz"}), StartsWith(refused("configure ", "queue 'zz'")));
    EXPECT_THAT(
        anna().ask(1, methods::exchange::Declare{.exchange = "zz", .type = "direct"}),
        StartsWith(refused("configure ", "exchange 'zz'"))
    );
    EXPECT_THAT(
        anna().ask(1, methods::exchange::Delete{.exchange = "zz"}), StartsWith(refused("configure ", "exchange 'zz'"))
    );
}

TEST_F(Permissions, ToReadAreNeededToConsumeGetAndPurge) {
    const auto text = refused("read ", "queue 'zz'");
    EXPECT_THAT(anna().ask(1, methods::basic::Get{.queue = "zz"}), StartsWith(text));
    EXPECT_THAT(anna().ask(1, methods::basic::Consume{.queue = "zz"}), StartsWith(text));
    EXPECT_THAT(anna().ask(1, methods::queue::Purge{.queue = "zz"}), StartsWith(text));
}

TEST_F(Permissions, ToWriteAreNeededToPublishEvenToWhatIsNotThere) {
    for (const auto& [exchange, shown] : {std::pair("amq.direct", "amq.direct"), {"", "amq.default"}, {"zz", "zz"}}) {
        auto peer = anna();
        peer.publish(1, {.exchange = exchange}, "m");
        EXPECT_THAT(peer.take(), ElementsAre(StartsWith(refused("write ", fmt::format("exchange '{}'", shown)))));
    }
}

TEST_F(Permissions, ForABindingAreWriteOnTheOneSideAndReadOnTheOther) {
    EXPECT_THAT(
        anna().ask(1, methods::queue::Bind{.queue = "zz", .exchange = "amq.direct"}),
        StartsWith(refused("write ", "queue 'zz'"))
    );
    EXPECT_THAT(
        anna().ask(1, methods::queue::Bind{.queue = "lim.none", .exchange = "amq.direct"}),
        StartsWith(refused("read ", "exchange 'amq.direct'"))
    );
    EXPECT_THAT(
        anna().ask(1, methods::exchange::Bind{.destination = "zz", .source = "amq.direct"}),
        StartsWith(refused("write ", "exchange 'zz'"))
    );
}

TEST_F(Permissions, ForDeadLetteringAndAlternateExchangesAreWriteOnTheTarget) {
    FieldTableBuilder dead_letter;
    dead_letter.add("x-dead-letter-exchange", methods::LongString{"zz"});
    FieldTableBuilder alternate;
    alternate.add("alternate-exchange", methods::LongString{"zz"});
    auto peer = anna();
    EXPECT_THAT(declare(peer, "lim.q", dead_letter), StartsWith(refused("write ", "exchange 'zz'")));
    EXPECT_THAT(
        anna().ask(1, methods::exchange::Declare{.exchange = "lim.x", .type = "direct", .arguments = alternate.view()}),
        StartsWith(refused("write ", "exchange 'zz'"))
    );
}

TEST_F(Permissions, OfAnyKindAllowAPassiveDeclaration) {
    EXPECT_THAT(
        anna().ask(1, methods::queue::Declare{.queue = "zz", .passive = true}),
        StartsWith(refused("configure ", "queue 'zz'"))
    );
    operate(SetPermissions{.user = "anna", .read = "^zz$"});
    EXPECT_THAT(anna().ask(1, methods::queue::Declare{.queue = "zz", .passive = true}), HasSubstr("no queue 'zz'"));
}

TEST_F(PermissionsOf310, HavePlainTextsAndDoNotCountForPassiveDeclarations) {
    auto peer = anna();
    EXPECT_THAT(declare(peer, "zz"), StartsWith(refused("", "queue 'zz'")));
    EXPECT_THAT(anna().ask(1, methods::queue::Declare{.queue = "zz", .passive = true}), HasSubstr("no queue 'zz'"));
}

TEST_F(Permissions, ChangeUnderAnOpenConnection) {
    auto peer = anna(2);
    EXPECT_EQ(operate(SetPermissions{.user = "anna", .configure = "^other$"}), "");
    EXPECT_THAT(peer.ask(2, methods::queue::Declare{.queue = "other"}), HasSubstr("queue.declare-ok"));
    EXPECT_EQ(operate(ClearPermissions{.user = "anna"}), "");
    EXPECT_THAT(declare(peer, "other"), StartsWith(refused("configure ", "queue 'other'")));
}

TEST_F(Permissions, WithNothingSetNoVirtualHostOpens) {
    operate(ClearPermissions{.user = "anna"});
    auto peer = ScriptedPeer::silent(test.simulation);
    shake_hands(peer, "anna", "secret");
    EXPECT_THAT(
        peer.ask(0, methods::connection::Open{.virtual_host = "/"}),
        HasSubstr("NOT_ALLOWED - access to vhost '/' refused for user 'anna'\", class_id=10, method_id=40)")
    );
}

TEST_F(Permissions, OnTopicsLookAtRoutingKeys) {
    operate(SetPermissions{.user = "anna", .configure = ".*", .write = ".*", .read = ".*"});
    operate(
        SetTopicPermissions{.user = "anna", .exchange = "amq.topic", .write = "^{username}\\.", .read = "^{vhost}ok"}
    );
    auto peer = anna(2);
    declare(peer, "q");
    peer.publish(1, {.exchange = "amq.topic", .routing_key = "anna.key"}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
    peer.publish(1, {.exchange = "amq.topic", .routing_key = "bad.key"}, "m");
    EXPECT_THAT(peer.take(), ElementsAre(StartsWith(refused("write ", "topic 'bad.key' in exchange 'amq.topic'"))));
    EXPECT_THAT(
        peer.ask(2, methods::queue::Bind{.queue = "q", .exchange = "amq.topic", .routing_key = "bad.#"}),
        HasSubstr("read access to topic 'bad.#' in exchange 'amq.topic'")
    );
}

TEST_F(Permissions, OnTopicsAreOnlyForTheExchangeTheyName) {
    operate(SetPermissions{.user = "anna", .configure = ".*", .write = ".*", .read = ".*"});
    operate(SetTopicPermissions{.user = "anna", .exchange = "lim.topic", .write = "", .read = ""});
    auto peer = anna();
    peer.publish(1, {.exchange = "amq.topic", .routing_key = "any"}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
    operate(ClearTopicPermissions{.user = "anna"});
    peer.ask(1, methods::exchange::Declare{.exchange = "lim.topic", .type = "topic"});
    peer.publish(1, {.exchange = "lim.topic", .routing_key = "any"}, "m");
    EXPECT_THAT(peer.take(), IsEmpty());
}

TEST_F(Permissions, AUserIdOfSomebodyElseIsForImpersonators) {
    operate(SetPermissions{.user = "anna", .configure = ".*", .write = ".*", .read = ".*"});
    auto peer = anna();
    declare(peer, "q");
    operate(SetUserTags{"anna", {"monitoring", "impersonator"}});
    publish(peer, "q", "m", {.user_id = "else"});
    EXPECT_EQ(drain(peer, "q"), "m");
    operate(SetUserTags{"anna", {}});
    publish(peer, "q", "m", {.user_id = "else"});
    EXPECT_THAT(
        peer.take(), ElementsAre(HasSubstr("user_id property set to 'else' but authenticated user was 'anna'"))
    );
}

TEST_F(Permissions, ADeletedUserIsShownTheDoor) {
    auto peer = anna();
    EXPECT_EQ(operate(DeleteUser{"anna"}), "");
    EXPECT_THAT(
        peer.take(),
        ElementsAre(HasSubstr("(reply_code=320, reply_text=\"CONNECTION_FORCED - user 'anna' is "
                              "deleted\", class_id=0, method_id=0)"))
    );
    EXPECT_EQ(operate(DeleteUser{"anna"}), "User \"anna\" does not exist");
}

TEST_F(Permissions, ANewPasswordIsForTheNextLogin) {
    auto peer = anna();
    operate(ChangePassword{"anna", "new"});
    EXPECT_THAT(declare(peer, "lim.q"), HasSubstr("queue.declare-ok"));
    EXPECT_EQ(operate(AuthenticateUser{"anna", "new"}), "");
    EXPECT_THAT(operate(AuthenticateUser{"anna", "secret"}), HasSubstr("invalid credentials"));
    operate(ClearPassword{"anna"});
    EXPECT_THAT(operate(AuthenticateUser{"anna", "new"}), HasSubstr("invalid credentials"));
}

TEST_F(Permissions, CannotBeBrokenExpressionsOrForNobody) {
    EXPECT_THAT(operate(SetPermissions{.user = "anna", .configure = "("}), HasSubstr("{\"missing )\",1}"));
    EXPECT_EQ(operate(SetPermissions{.user = "nobody"}), "User \"nobody\" does not exist");
    EXPECT_EQ(operate(SetPermissions{.vhost = "nowhere", .user = "anna"}), "Virtual host 'nowhere' does not exist");
}

}  // namespace
}  // namespace simbroker::server091
