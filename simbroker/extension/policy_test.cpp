// Policies as a client sees them, and what an operator is told of a bad one. Observed on RabbitMQ 3.10.8.
#include "simbroker/extension/policy.hpp"

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using namespace operation;

FieldTableBuilder arguments(std::string_view name, const methods::FieldValue& value) {
    FieldTableBuilder table;
    table.add(name, value);
    return table;
}

struct PolicyTests : testing::Test {
    explicit PolicyTests(const profile::Profile& profile = profile::rabbitmq_4_3()) : test(profile) {}

    std::string set(std::string pattern, std::string definition, std::string apply_to = "all", std::string name = "p") {
        return test.operate(SetPolicy{
            .policy = std::move(name),
            .pattern = std::move(pattern),
            .definition = {std::move(definition)},
            .apply_to = std::move(apply_to)
        });
    }
    std::string limit(std::string pattern, std::string definition) {
        return test.operate(
            SetOperatorPolicy{.policy = "o", .pattern = std::move(pattern), .definition = {std::move(definition)}}
        );
    }
    void fill(const std::string& queue, const FieldTableBuilder& with = FieldTableBuilder()) {
        EXPECT_THAT(declare(peer, queue, with), HasSubstr("declare-ok"));
        for (const auto* body : {"a", "b", "c"}) publish(peer, queue, body);
    }

    TestBroker test;
    ScriptedPeer peer = test.peer();
};

struct Policies : PolicyTests {};

struct PoliciesOf310 : PolicyTests {
    PoliciesOf310() : PolicyTests(profile::rabbitmq_3_10()) {}
};

TEST_F(Policies, TakeHoldOfQueuesThatAreThereAtOnce) {
    fill("q");
    fill("other");
    EXPECT_EQ(set("^q$", R"({"max-length":1})", "queues"), "");
    EXPECT_EQ(drain(peer, "q"), "c");
    EXPECT_EQ(drain(peer, "other"), "a b c");
}

TEST_F(Policies, TakeHoldOfQueuesToComeAndLetGoWhenCleared) {
    set("^q", R"({"max-length":2})");
    fill("q");
    EXPECT_EQ(drain(peer, "q"), "b c");
    EXPECT_EQ(test.operate(ClearPolicy{.policy = "p"}), "");
    fill("q");
    EXPECT_EQ(drain(peer, "q"), "a b c");
    EXPECT_EQ(test.operate(ClearPolicy{.policy = "p"}), "Parameter does not exist");
}

TEST_F(Policies, OfTheHighestPriorityAlone) {
    fill("q");
    test.operate(SetPolicy{.policy = "low", .pattern = "q", .definition = {R"({"max-length":1})"}, .priority = 1});
    test.operate(
        SetPolicy{.policy = "high", .pattern = "q", .definition = {R"({"overflow":"drop-head"})"}, .priority = 2}
    );
    fill("q");
    EXPECT_EQ(drain(peer, "q"), "c a b c");
}

TEST_F(Policies, ALimitIsTheSmallestThatAnybodySet) {
    fill("q", arguments("x-max-length", std::int32_t{2}));
    set("q", R"({"max-length":5})");
    EXPECT_EQ(drain(peer, "q"), "b c");
    limit("q", R"({"max-length":1})");
    fill("q", arguments("x-max-length", std::int32_t{2}));
    EXPECT_EQ(drain(peer, "q"), "c");
}

TEST_F(Policies, AnArgumentWinsWhereThereIsNothingToCompare) {
    declare(peer, "by-argument");
    declare(peer, "by-policy");
    FieldTableBuilder dead_letter;
    dead_letter.add("x-dead-letter-exchange", LongString{""});
    dead_letter.add("x-dead-letter-routing-key", LongString{"by-argument"});
    fill("q2", dead_letter);
    set("^q2$", R"({"dead-letter-routing-key":"by-policy","max-length":1})");
    EXPECT_EQ(drain(peer, "by-argument"), "a b");
    EXPECT_EQ(drain(peer, "by-policy"), "");
}

TEST_F(Policies, DeadLetterWhatIsTooMuch) {
    declare(peer, "dead");
    fill("q");
    set("^q$", R"({"dead-letter-exchange":"","dead-letter-routing-key":"dead","max-length":1})");
    EXPECT_EQ(drain(peer, "dead"), "a b");
}

TEST_F(Policies, OfATimeToLiveAreForMessagesToCome) {
    fill("q");
    drain(peer, "q");
    publish(peer, "q", "old");
    set("^q$", R"({"message-ttl":100})");
    test.advance(milliseconds(200));
    EXPECT_EQ(drain(peer, "q"), "old");
    publish(peer, "q", "new");
    test.advance(milliseconds(200));
    EXPECT_EQ(drain(peer, "q"), "");
}

TEST_F(Policies, OfAnExpiryBeginWhenTheyAreSet) {
    declare(peer, "q");
    test.advance(seconds(10));
    set("^q$", R"({"expires":1000})");
    test.advance(milliseconds(999));
    EXPECT_THAT(test.list({.what = "queues"}), ElementsAre(HasSubstr(R"("policy":"p")")));
    test.advance(milliseconds(1));
    EXPECT_THAT(test.list({.what = "queues"}), IsEmpty());
}

TEST_F(Policies, OfAnExpiryEndWhenTheyAreCleared) {
    declare(peer, "q");
    set("^q$", R"({"expires":1000})");
    test.operate(ClearPolicy{.policy = "p"});
    test.advance(seconds(10));
    EXPECT_THAT(test.list({.what = "queues"}), ElementsAre(HasSubstr(R"("name":"q")")));
}

TEST_F(Policies, OfOverflowDropFirstAndRefuseFromThenOn) {
    fill("q");
    set("^q$", R"({"max-length":1,"overflow":"reject-publish"})");
    publish(peer, "q", "d");
    EXPECT_EQ(drain(peer, "q"), "c");
}

TEST_F(Policies, GiveExchangesAnAlternate) {
    declare(peer, "rest");
    peer.ask(1, methods::queue::Bind{.queue = "rest", .exchange = "amq.fanout"});
    set("^amq\\.direct$", R"({"alternate-exchange":"amq.fanout"})", "exchanges");
    peer.publish(1, {.exchange = "amq.direct", .routing_key = "unknown"}, "m");
    EXPECT_EQ(drain(peer, "rest"), "m");
    test.operate(ClearPolicy{.policy = "p"});
    peer.publish(1, {.exchange = "amq.direct", .routing_key = "unknown"}, "n");
    EXPECT_EQ(drain(peer, "rest"), "");
}

TEST_F(Policies, ForOneTypeOfQueueLeaveTheOthersAlone) {
    fill("q");
    set("^q$", R"({"max-length":1})", "quorum_queues");
    EXPECT_EQ(drain(peer, "q"), "a b c");
    fill("q");
    set("^q$", R"({"max-length":1})", "classic_queues");
    EXPECT_EQ(drain(peer, "q"), "c");
}

TEST_F(Policies, WithAKeyThatTheTypeDoesNotKnowArePassedOver) {
    fill("q");
    EXPECT_EQ(set("^q$", R"({"max-length":1,"delivery-limit":3})"), "");
    EXPECT_EQ(drain(peer, "q"), "a b c");
}

std::string invalid(std::string_view why) { return "Validation failed\n\n" + std::string(why) + "\n"; }

TEST_F(Policies, AreRefusedInRabbitMqsWords) {
    EXPECT_EQ(set("q", R"({"max-length":-1})"), invalid("-1 is not a valid maximum length"));
    EXPECT_EQ(set("q", R"({"max-length":"a"})"), invalid("<<\"a\">> is not a valid maximum length"));
    EXPECT_EQ(set("q", R"({"max-length-bytes":true})"), invalid("true is not a valid maximum length in bytes"));
    EXPECT_EQ(set("q", R"({"message-ttl":1.5})"), invalid("1.5 is not a valid message TTL"));
    EXPECT_EQ(set("q", R"({"message-ttl":999999999999999})"), "");
    EXPECT_EQ(set("q", R"({"expires":0})"), invalid("0 is not a valid queue expiry"));
    EXPECT_EQ(set("q", R"({"overflow":"nope"})"), invalid("<<\"nope\">> is not a valid overflow value"));
    EXPECT_EQ(set("q", R"({"dead-letter-exchange":1})"), invalid("1 is not a valid dead letter exchange name"));
    EXPECT_EQ(
        set("q", R"({"dead-letter-routing-key":[1,"a"]})"),
        invalid("[1,<<\"a\">>] is not a valid dead letter routing key")
    );
    EXPECT_EQ(
        set("q", R"({"alternate-exchange":{"a":1}})"),
        invalid("#{<<\"a\">> => 1} is not a valid alternate exchange name")
    );
    EXPECT_EQ(set("q", R"({"delivery-limit":-1})"), "") << "3.10 refuses it";
    EXPECT_EQ(set("q", R"({"target-group-size":3})"), "");
    EXPECT_EQ(
        set("q", R"({"stream-filter-size-bytes":1})"), invalid("1 is not a valid filter size. Valid range is 16-255")
    );
    EXPECT_EQ(
        set("q", R"({"nope":1,"zap":"a"})"),
        invalid("[{<<\"nope\">>,1},{<<\"zap\">>,<<\"a\">>}] are not recognised policy settings")
    );
    const std::string longest(300, 'x');
    EXPECT_EQ(
        set("q", "{\"" + longest + "\":1}"), invalid("[{<<\"" + longest + "\">>,1}] are not recognised policy settings")
    );
    EXPECT_EQ(
        set("q", R"({"max-priority":1})"), invalid("[{<<\"max-priority\">>,1}] are not recognised policy settings")
    );
    EXPECT_EQ(set("q", "{}"), invalid("no policy provided"));
    EXPECT_EQ(set("q", "{"), R"(Could not parse JSON document: {error,{failed_to_decode_json,<<"{">>}})");
    EXPECT_EQ(
        set("(", R"({"max-length":1})"),
        invalid("pattern should be regular expression but is invalid: {\"missing )\",1}")
    );
    EXPECT_THAT(set("q", R"({"max-length":1})", "nope"), HasSubstr("apply-to 'nope' unrecognised; should be one of:"));
}

TEST_F(Policies, OfOperatorsAreOfLimitsOnly) {
    EXPECT_EQ(
        limit("q", R"({"overflow":"drop-head"})"),
        invalid("[{<<\"overflow\">>,<<\"drop-head\">>}] are not recognised policy settings")
    );
    EXPECT_EQ(
        limit("q", R"({"alternate-exchange":"x"})"),
        invalid("[{<<\"alternate-exchange\">>,<<\"x\">>}] are not recognised policy settings")
    );
    EXPECT_EQ(limit("q", R"({"max-length":1})"), "");
}

TEST_F(PoliciesOf310, DoNotTellTypesOfQueuesApart) {
    EXPECT_EQ(
        set("q", R"({"max-length":1})", "quorum_queues"),
        invalid("apply-to 'quorum_queues' unrecognised; should be 'queues', 'exchanges' or 'all'")
    );
}

}  // namespace
}  // namespace simbroker::server091
