// Limits of users and virtual hosts, and virtual hosts that come and go. The texts are RabbitMQ's.
#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using namespace operation;

struct Limits : testing::Test {
    TestBroker test;

    std::string operate(Operation operation) { return test.operate(std::move(operation)); }

    std::string open(std::string_view vhost = "/") {
        auto peer = ScriptedPeer::silent(test.simulation);
        shake_hands(peer, "guest", "guest");
        return peer.ask(0, methods::connection::Open{.virtual_host = {vhost}});
    }
};

TEST_F(Limits, OfQueuesStopNewOnesOnly) {
    auto peer = test.peer();
    declare(peer, "first");
    EXPECT_EQ(operate(SetVhostLimits{.definition = {R"({"max-queues":1})"}}), "");
    EXPECT_THAT(declare(peer, "first"), HasSubstr("queue.declare-ok"));
    EXPECT_THAT(
        declare(peer, "second"),
        HasSubstr("(reply_code=406, reply_text=\"PRECONDITION_FAILED - cannot declare queue 'second': queue limit in "
                  "vhost '/' (1) is reached\", class_id=50, method_id=10)")
    );
    operate(ClearVhostLimits{});
    auto next = test.peer();
    EXPECT_THAT(declare(next, "second"), HasSubstr("queue.declare-ok"));
}

TEST_F(Limits, OfExchangesCountThePredeclaredOnesToo) {
    EXPECT_EQ(operate(SetVhostLimits{.definition = {R"({"max-exchanges":7})"}}), "");
    auto peer = test.peer();
    EXPECT_THAT(
        peer.ask(1, methods::exchange::Declare{.exchange = "x", .type = "direct"}),
        HasSubstr("PRECONDITION_FAILED - cannot declare exchange 'x' in vhost '/': exchange limit of 7 is reached")
    );
}

TEST_F(Limits, OfConnectionsToAVirtualHost) {
    operate(SetVhostLimits{.definition = {R"({"max-connections":1})"}});
    auto peer = test.peer();
    EXPECT_THAT(
        open(),
        HasSubstr("NOT_ALLOWED - access to vhost '/' refused for user 'guest': connection limit (1) is reached\", "
                  "class_id=10, method_id=40)")
    );
    peer.ask(0, methods::connection::Close{.reply_code = 200});
    EXPECT_EQ(open(), "0 connection.open-ok()");
}

TEST_F(Limits, OfConnectionsOfAUser) {
    operate(SetUserLimits{"guest", {R"({"max-connections":0})"}});
    EXPECT_THAT(
        open(),
        HasSubstr("NOT_ALLOWED - connection refused for user 'guest': user connection limit (0) is reached\", "
                  "class_id=10, method_id=40)")
    );
    operate(SetUserLimits{"guest", {R"({"max-connections":-1})"}});
    EXPECT_EQ(open(), "0 connection.open-ok()");
}

TEST_F(Limits, OfChannelsCountAllConnectionsOfTheUser) {
    operate(SetUserLimits{"guest", {R"({"max-channels":2})"}});
    auto first = test.peer();
    auto second = test.peer();
    EXPECT_THAT(
        second.ask(2, methods::channel::Open{}),
        HasSubstr("0 connection.close(reply_code=530, reply_text=\"NOT_ALLOWED - number of channels opened for user "
                  "'guest' has reached the maximum allowed user limit of 2\", class_id=0, method_id=0)")
    );
    EXPECT_THAT(first.ask(2, methods::channel::Open{}), HasSubstr("channel.open-ok"));
}

TEST_F(Limits, OfChannelsNameTheNodeIn40) {
    auto config = TestBroker::config_of(profile::rabbitmq_4_0());
    config.operations = {SetUserLimits{"guest", {R"({"max-channels":1})"}}};
    TestBroker other(std::move(config));
    auto peer = other.peer();
    EXPECT_THAT(
        peer.ask(2, methods::channel::Open{}),
        HasSubstr("channels opened for user 'rabbit@simbroker' has reached the maximum allowed user limit of (1)")
    );
}

TEST_F(Limits, ThatMakeNoSenseAreRefused) {
    EXPECT_EQ(
        operate(SetVhostLimits{.definition = {R"({"nope":1})"}}),
        "Validation failed\n\nUnrecognised terms [{<<\"nope\">>,1}] in limits\n"
    );
    EXPECT_EQ(
        operate(SetVhostLimits{.definition = {R"({"max-queues":"a"})"}}),
        "Validation failed\n\nmax-queues should be a number, actually was <<\"a\">>\n"
    );
    EXPECT_EQ(operate(SetUserLimits{"guest", {"x"}}), "JSON decoding error. Reason: badarg");
    EXPECT_EQ(
        operate(SetUserLimits{"guest", {R"({"nope":1})"}}), "Unrecognised terms [{<<\"nope\">>,1}] in user-limits"
    );
    EXPECT_EQ(operate(SetUserLimits{"nobody", {"{}"}}), "User \"nobody\" does not exist");
}

TEST_F(Limits, AVirtualHostCanComeAndGo) {
    EXPECT_THAT(open("new"), HasSubstr("NOT_ALLOWED - vhost new not found"));
    operate(AddVhost{"new"});
    EXPECT_THAT(open("new"), HasSubstr("access to vhost 'new' refused for user 'guest'"));
    operate(SetPermissions{.vhost = "new", .user = "guest", .configure = ".*", .write = ".*", .read = ".*"});
    auto peer = test.peer({.vhost = "new"});
    declare(peer, "q");
    publish(peer, "q", "m");
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    EXPECT_EQ(operate(DeleteVhost{"new"}), "");
    EXPECT_THAT(
        peer.take(),
        ElementsAre("0 connection.close(reply_code=320, reply_text=\"CONNECTION_FORCED - vhost 'new' is deleted\", "
                    "class_id=0, method_id=0)")
    );
    EXPECT_EQ(peer.ask(0, methods::connection::CloseOk{}), "");
    EXPECT_THAT(open("new"), HasSubstr("NOT_ALLOWED - vhost new not found"));
    EXPECT_EQ(operate(DeleteVhost{"new"}), "Virtual host 'new' does not exist");
}

TEST_F(Limits, TheOperatorClosesConnectionsByVirtualHostAndByUser) {
    auto peer = test.peer();
    operate(CloseAllUserConnections{"nobody", "x"});
    EXPECT_THAT(peer.take(), IsEmpty());
    operate(CloseAllConnections{"/", "maintenance"});
    EXPECT_THAT(peer.take(), ElementsAre(HasSubstr("CONNECTION_FORCED - maintenance")));
}

TEST_F(Limits, TheOperatorPurgesAndDeletesQueues) {
    auto peer = test.peer();
    declare(peer, "q");
    publish(peer, "q", "m");
    EXPECT_EQ(operate(PurgeQueue{.queue = "q"}), "");
    EXPECT_EQ(drain(peer, "q"), "");
    EXPECT_EQ(operate(DeleteQueue{.queue = "q"}), "");
    EXPECT_EQ(operate(DeleteQueue{.queue = "q"}), "Queue 'q' in virtual host '/' not found");
}

TEST_F(Limits, TheOperatorLooksAtWhatThereIs) {
    auto peer = test.peer();
    declare(peer, "q");
    publish(peer, "q", "m");
    EXPECT_THAT(test.list({.what = "users"}), ElementsAre(R"({"tags":[],"user":"guest"})"));
    EXPECT_THAT(
        test.list({.what = "permissions"}),
        ElementsAre(R"({"configure":".*","read":".*","user":"guest","vhost":"/","write":".*"})")
    );
    EXPECT_THAT(test.list({.what = "queues"}), ElementsAre(HasSubstr(R"("messages_ready":1)")));
    EXPECT_THAT(test.list({.what = "connections"}), ElementsAre(HasSubstr(R"("channels":1)")));
    EXPECT_THAT(operate(List{.what = "nonsense"}), HasSubstr("expected one of users, vhosts"));
}

}  // namespace
}  // namespace simbroker::server091
