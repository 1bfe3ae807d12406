#include <nlohmann/json.hpp>

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using nlohmann::json;

struct Inspection : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();

    // Of each row these columns, one row after the other.
    json seen(const operation::List& what, const std::vector<std::string>& columns) {
        auto all = json::array();
        for (const auto& text : test.list(what)) {
            const auto row = json::parse(text);
            auto kept = json::array();
            for (const auto& column : columns) kept.push_back(row.at(column));
            all.push_back(std::move(kept));
        }
        return all;
    }
    std::string next() const {
        const auto deadline = test.broker.what_is_next();
        return deadline ? to_string(*deadline) : "nothing";
    }
};

TEST_F(Inspection, ShowsTheContentsOfAQueueInTheirOrder) {
    FieldTableBuilder arguments;
    arguments.add("x-max-priority", 9);
    declare(peer, "q", arguments);
    publish(peer, "q", "low");
    BasicProperties urgent;
    urgent.priority = std::uint8_t{5};
    urgent.expiration = "60000";
    publish(peer, "q", "urgent", urgent);
    publish(peer, "q", std::string_view("\xff\x00", 2));
    declare(peer, "other");
    publish(peer, "other", "elsewhere");
    EXPECT_EQ(
        seen({.what = "messages", .queue = "q"}, {"queue", "body", "body_size", "priority", "expires_at"}),
        json::parse(R"([["q","urgent",6,5,60.0],["q","low",3,0,null],["q",{"hex":"ff00"},2,0,null]])")
    );
    EXPECT_EQ(
        seen({.what = "messages", .queue = "q"}, {"properties"})[0][0],
        json::parse(R"({"priority":5,"expiration":"60000"})")
    );
    EXPECT_EQ(
        seen({.what = "queues", .queue = "q"}, {"name", "type", "messages", "arguments"}),
        json::parse(R"([["q","classic",3,{"x-max-priority":9}]])")
    );
}

TEST_F(Inspection, ShowsWhoHoldsWhatAndWhoConsumes) {
    declare(peer, "q");
    publish(peer, "q", "a");
    publish(peer, "q", "b");
    peer.ask(1, methods::basic::Qos{.prefetch_count = 1});
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "tag"});
    EXPECT_EQ(
        seen({.what = "unacknowledged"}, {"queue", "connection", "channel", "delivery_tag", "consumer_tag", "body"}),
        json::parse(R"([["q",1,1,1,"tag","a"]])")
    );
    EXPECT_EQ(
        seen({.what = "consumers"}, {"queue_name", "consumer_tag", "ack_required", "prefetch_count"}),
        json::parse(R"([["q","tag",true,1]])")
    );
    EXPECT_EQ(
        seen({.what = "channels"}, {"connection", "number", "messages_unacknowledged", "consumer_count", "confirm"}),
        json::parse("[[1,1,1,1,false]]")
    );
    EXPECT_EQ(
        seen({.what = "connections"}, {"connection", "user", "state", "timeout"}),
        json::parse(R"([[1,"guest","running",0]])")
    );
}

TEST_F(Inspection, ShowsBindingsToTheDefaultExchangeToo) {
    declare(peer, "q");
    peer.ask(1, methods::queue::Bind{.queue = "q", .exchange = "amq.topic", .routing_key = "a.*"});
    EXPECT_EQ(
        seen({.what = "bindings"}, {"source_name", "destination_kind", "destination_name", "routing_key"}),
        json::parse(R"([["","queue","q","q"],["amq.topic","queue","q","a.*"]])")
    );
}

TEST_F(Inspection, SaysWhichQueueThereIsNotAndWhatIsOfNoQueue) {
    EXPECT_EQ(
        test.operate(operation::List{.what = "messages", .queue = "q"}), "Queue 'q' in virtual host '/' not found"
    );
    EXPECT_THAT(test.operate(operation::List{.what = "users", .queue = "q"}), HasSubstr("not of a queue"));
}

TEST_F(Inspection, NamesTheNextDeadline) {
    EXPECT_EQ(next(), "nothing");
    FieldTableBuilder arguments;
    arguments.add("x-message-ttl", 60000).add("x-expires", 90000);
    declare(peer, "q", arguments);
    EXPECT_EQ(next(), "queue_expiry of queue \"q\" in vhost \"/\"");
    publish(peer, "q", "a");
    test.simulation.run_until_idle();
    EXPECT_EQ(next(), "message_expiry of queue \"q\" in vhost \"/\"");
    const auto silent = ScriptedPeer::silent(test.simulation);
    test.simulation.run_until_idle();
    EXPECT_EQ(next(), "handshake_timeout of connection 2");
}

TEST_F(Inspection, NamesTheDeadlinesOfConnections) {
    peer.ask(0, methods::connection::TuneOk{});
    EXPECT_EQ(next(), "close_timeout of connection 1");
    const auto beating = test.peer({.heartbeat = 10});
    EXPECT_EQ(next(), "heartbeat of connection 2");
}

}  // namespace
}  // namespace simbroker::server091
