#include "simbroker/fault/test_faults.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OccasionTest : public FaultsTest {};

TEST_F(OccasionTest, ActsAtOnceOnEveryConnection) {
    drive::ScriptedPeer other(simulation_);
    add("{'now': {}, 'do': {'blocked': 'full'}}");
    EXPECT_THAT(peer_.take(), ElementsAre("0 connection.blocked(reason=\"full\")"));
    EXPECT_THAT(other.take(), SizeIs(1));
    add("{'now': {'connection': 1}, 'do': 'unblocked'}");
    EXPECT_THAT(peer_.take(), ElementsAre("0 connection.unblocked()"));
    EXPECT_THAT(other.take(), IsEmpty());
}

TEST_F(OccasionTest, ActsAtAnInstantAndAgain) {
    add("{'now': {'at': '10s', 'every': '1s', 'times': 3}, 'do': 'unblocked'}");
    simulation_.run_until(Instant(9s));
    EXPECT_THAT(peer_.take(), IsEmpty());
    EXPECT_EQ(simulation_.next_deadline(), Instant(10s));
    simulation_.run_until(Instant(11s));
    EXPECT_THAT(peer_.take(), SizeIs(2));
    simulation_.run_until(Instant(60s));
    EXPECT_THAT(peer_.take(), SizeIs(1));
}

TEST_F(OccasionTest, ActsWhereSomethingHappens) {
    drive::ScriptedPeer other(simulation_);
    add("{'now': {'after': {'event': 'queue_declared', 'subject': 'q'}}, 'do': {'close_connection': 541}}");
    EXPECT_THAT(peer_.ask(1, queue::Declare{.queue = "p", .exclusive = true}), HasSubstr("declare-ok"));
    other.ask(1, queue::Declare{.queue = "q", .exclusive = true});
    EXPECT_THAT(peer_.take(), SizeIs(1)) << "the event names no connection, so it is for all";
}

TEST_F(OccasionTest, SaysThingsOnEachOpenChannel) {
    peer_.ask(7, channel::Open{});
    add("{'do': {'flow': false}}");
    EXPECT_THAT(peer_.take(), ElementsAre("1 channel.flow(active=false)", "7 channel.flow(active=false)"));
    EXPECT_EQ(peer_.ask(7, channel::FlowOk{.active = false}), "") << "the broker does not hear what it did not ask for";
    EXPECT_THAT(peer_.ask(7, queue::Declare{.queue = "q", .exclusive = true}), HasSubstr("declare-ok"));
}

TEST_F(OccasionTest, CancelsTheConsumersOfAQueueOnBothSides) {
    consume("a", "A");
    consume("b", "B");
    add("{'now': {'queue': 'a'}, 'do': 'cancel_consumer'}");
    EXPECT_THAT(peer_.take(), ElementsAre("1 basic.cancel(consumer_tag=\"A\", no_wait=true)"));
    peer_.publish(1, basic::Publish{.routing_key = "a"}, "stays");
    EXPECT_THAT(peer_.take(), IsEmpty());
    EXPECT_THAT(peer_.ask(1, queue::Declare{.queue = "a", .passive = true}), HasSubstr("message_count=1"));
}

TEST_F(OccasionTest, CrashesTheBroker) {
    add("{'now': {'in': '5s'}, 'do': {'crash': '10s'}}");
    simulation_.run_until(Instant(6s));
    EXPECT_TRUE(peer_.closed());
    EXPECT_EQ(simulation_.next_deadline(), Instant(15s));
}

TEST_F(OccasionTest, TellsWhetherAnybodyWasThere) {
    peer_.disconnect();
    simulation_.run_until_idle();
    simulation_.take_events();
    add("{'do': 'unblocked'}");
    EXPECT_THAT(events(Event::Kind::fault_fired), ElementsAre("fault-1 unblocked: nobody 1"));
}

}  // namespace
}  // namespace simbroker::fault
