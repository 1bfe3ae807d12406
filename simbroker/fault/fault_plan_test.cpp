#include "simbroker/fault/fault_plan.hpp"

#include "simbroker/fault/test_faults.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FaultPlanTest : public FaultsTest {
protected:
    // Asks for a fresh channel so many times; which of them were not answered.
    std::vector<int> unanswered(int times) {
        std::vector<int> numbers;
        for (int i = 1; i <= times; ++i) {
            if (peer_.ask(1, queue::Declare{.queue = "q", .exclusive = true}).empty()) numbers.push_back(i);
        }
        return numbers;
    }
};

TEST_F(FaultPlanTest, TellsWhatItAddsAndWhenItActs) {
    simulation_.take_events();
    add("{'id': 'lost', 'when': {'to': 'client', 'method': 'queue.declare-ok', 'nth': 2}, 'do': 'drop'}");
    EXPECT_THAT(unanswered(3), ElementsAre(2));
    EXPECT_THAT(events(Event::Kind::fault_fired), ElementsAre("lost drop: queue.declare-ok to the client 1"));
    const auto rules = broker_->rules();
    ASSERT_THAT(rules, SizeIs(1));
    EXPECT_EQ(rules[0].matched, 2U) << "what is spent is not asked any more";
    EXPECT_EQ(rules[0].fired, 1U);
    EXPECT_TRUE(rules[0].spent);
}

TEST_F(FaultPlanTest, RefusesARuleThatMakesNoSenseAndASecondOfTheSameName) {
    simulation_.take_events();
    add("{'when': {'to': 'client', 'nth': 0}, 'do': 'drop'}");
    add("{'id': 'a', 'do': 'unconfirmed'}");
    add("{'id': 'a', 'do': 'unconfirmed'}");
    remove("b");
    EXPECT_THAT(
        events(Event::Kind::fault_refused),
        ElementsAre(HasSubstr("/when/nth"), HasSubstr("the id 'a' already"), HasSubstr("no such rule"))
    );
}

TEST_F(FaultPlanTest, ActsEverySoOftenAndAtMostSoManyTimes) {
    add("{'when': {'to': 'client', 'method': 'queue.declare-ok', 'every': 2, 'times': 2}, 'do': 'drop'}");
    EXPECT_THAT(unanswered(8), ElementsAre(2, 4));
}

TEST_F(FaultPlanTest, DrawsByTheSeed) {
    const auto* rule = "{'when': {'to': 'client', 'method': 'queue.declare-ok', 'probability': 0.5}, 'do': 'drop'}";
    add(rule);
    const auto first = unanswered(40);
    EXPECT_GT(first.size(), 8U);
    EXPECT_LT(first.size(), 32U);
    remove("fault-1");
    add("{'id': 'fault-1'," + std::string(rule).substr(1));
    EXPECT_EQ(unanswered(40), first) << "the same seed and the same id";
}

TEST_F(FaultPlanTest, ActsBetweenTwoInstants) {
    add("{'when': {'to': 'client', 'method': 'queue.declare-ok', 'from': '10s', 'until': '20s'}, 'do': 'drop'}");
    EXPECT_THAT(unanswered(1), IsEmpty());
    simulation_.run_until(Instant(10s));
    EXPECT_THAT(unanswered(1), ElementsAre(1));
    simulation_.run_until(Instant(20s));
    EXPECT_THAT(unanswered(1), IsEmpty());
}

TEST_F(FaultPlanTest, BeginsAfterAnEvent) {
    add("{'when': {'to': 'client', 'method': 'queue.declare-ok', 'after': {'event': 'queue_declared', 'subject': "
        "'b'}}, "
        "'do': 'drop'}");
    EXPECT_THAT(unanswered(1), IsEmpty());
    EXPECT_EQ(peer_.ask(1, queue::Declare{.queue = "b", .exclusive = true}), "")
        << "its own answer comes after the event";
    EXPECT_THAT(unanswered(1), ElementsAre(1));
}

TEST_F(FaultPlanTest, KnowsAboutWhichQueueAFrameIs) {
    consume("a", "A");
    consume("b", "B");
    add("{'when': {'to': 'client', 'queue': 'a'}, 'do': 'drop'}");
    add("{'when': {'to': 'server', 'queue': 'b', 'method': 'basic.publish', 'times': 1}, 'do': 'duplicate'}");
    peer_.publish(1, basic::Publish{.routing_key = "a"}, "one");
    peer_.publish(1, basic::Publish{.routing_key = "b"}, "two");
    const auto lines = peer_.take();
    EXPECT_THAT(lines, ElementsAre(HasSubstr("\"two\""), HasSubstr("\"two\"")));
    EXPECT_EQ(peer_.ask(1, queue::Purge{.queue = "a"}), "") << "the answer is about the queue that was asked for";
    EXPECT_THAT(peer_.ask(1, queue::Purge{.queue = "b"}), HasSubstr("purge-ok"));
}

TEST_F(FaultPlanTest, LetsGoOfWhatARemovedRuleHeld) {
    add("{'id': 'h', 'when': {'to': 'client', 'method': 'queue.declare-ok'}, 'do': {'hold': 'x'}}");
    EXPECT_THAT(unanswered(1), ElementsAre(1));
    remove("h");
    EXPECT_THAT(peer_.take(), ElementsAre(HasSubstr("declare-ok")));
    EXPECT_THAT(broker_->rules(), IsEmpty());
}

// Rules may come at any octet.
TEST_F(FaultPlanTest, ReadsFramesFromTheNextOneOn) {
    Bytes octets;
    for (const auto* queue : {"a", "b"}) {
        append_method(octets, ChannelNumber{1}, queue::Declare{.queue = queue, .exclusive = true});
    }
    for (std::size_t cut = 1; cut < octets.size(); ++cut) {
        peer_.send_octets(BytesView(octets).first(cut));
        auto lines = peer_.take();
        add("{'id': 'r', 'when': {'to': 'client', 'method': 'basic.cancel'}, 'do': 'drop'}");
        peer_.send_octets(BytesView(octets).subspan(cut));
        for (const auto& line : peer_.take()) lines.push_back(line);
        remove("r");
        ASSERT_THAT(lines, ElementsAre(HasSubstr("queue=\"a\""), HasSubstr("queue=\"b\""))) << "cut at " << cut;
    }
}

}  // namespace
}  // namespace simbroker::fault
