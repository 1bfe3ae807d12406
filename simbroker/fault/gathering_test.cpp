#include "simbroker/fault/gathering.hpp"

#include "simbroker/fault/test_faults.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfirmLedger, KnowsWhatAnAnswerIsTheFirstFor) {
    ConfirmLedger ledger;
    ledger.note(2, false);
    EXPECT_EQ(ledger.all_up_to(), 0U);
    EXPECT_THAT(ledger.answered_by(4, true), ElementsAre(1, 3, 4));
    ledger.note(1, false);
    EXPECT_EQ(ledger.all_up_to(), 2U);
    ledger.note(4, true);
    EXPECT_EQ(ledger.all_up_to(), 4U);
    EXPECT_THAT(ledger.answered_by(4, true), IsEmpty());
}

class GatheringTest : public FaultsTest {
protected:
    // The broker answers all of one input with one ack.
    void publish(int count) {
        for (int i = 0; i < count; ++i) {
            const basic::Publish nowhere{.routing_key = "nowhere"};
            append_message(octets_, ChannelNumber{1}, nowhere, BasicProperties{}, BytesView(), 131072);
        }
        peer_.send_octets(std::exchange(octets_, {}));
    }

    static std::string ack(int tag, const char* multiple) {
        return "1 basic.ack(delivery_tag=" + std::to_string(tag) + ", multiple=" + multiple + ")";
    }

    Bytes octets_;
};

TEST_F(GatheringTest, ConfirmsEachByItselfAlsoIfTheRuleCameLater) {
    peer_.ask(1, confirm::Select{});
    publish(2);
    EXPECT_THAT(peer_.take(), ElementsAre(ack(2, "true")));
    add("{'do': 'confirms_single'}");
    publish(3);
    EXPECT_THAT(peer_.take(), ElementsAre(ack(3, "false"), ack(4, "false"), ack(5, "false")));
}

TEST_F(GatheringTest, ConfirmsOutOfOrder) {
    peer_.ask(1, confirm::Select{});
    add("{'do': {'confirms_out_of_order': {'count': 3}}}");
    publish(3);
    EXPECT_THAT(peer_.take(), ElementsAre(ack(3, "false"), ack(2, "false"), ack(1, "false")));
}

TEST_F(GatheringTest, ConfirmsWithAsFewAsCanBe) {
    peer_.ask(1, confirm::Select{});
    add("{'do': {'confirms_multiple': {'count': 5, 'within': '2s'}}}");
    for (int i = 0; i < 4; ++i) {
        publish(1);
        EXPECT_THAT(peer_.take(), IsEmpty());
    }
    publish(1);
    EXPECT_THAT(peer_.take(), ElementsAre(ack(5, "true")));
    publish(1);
    EXPECT_THAT(peer_.take(), IsEmpty());
    simulation_.advance(2s);
    EXPECT_THAT(peer_.take(), ElementsAre(ack(6, "true")));
}

TEST_F(GatheringTest, PutsDeliveriesOfConsumersInAnotherOrder) {
    consume("a", "A");
    consume("b", "B");
    add("{'do': {'consumers_out_of_order': {'count': 4}}}");
    for (const auto* body : {"a1", "b1", "a2", "b2"}) {
        peer_.publish(1, basic::Publish{.routing_key = std::string(body, 1)}, body);
    }
    EXPECT_THAT(
        peer_.take(), ElementsAre(HasSubstr("\"b1\""), HasSubstr("\"b2\""), HasSubstr("\"a1\""), HasSubstr("\"a2\""))
    );
}

TEST_F(GatheringTest, ForgetsWhatIsForAChannelThatIsClosed) {
    peer_.ask(1, confirm::Select{});
    add("{'do': {'late_confirms': '1s'}}");
    add("{'when': {'to': 'client', 'method': 'basic.deliver'}, 'do': {'reorder': {'count': 9}}}");
    consume("a", "A");
    publish(1);
    peer_.publish(1, basic::Publish{.routing_key = "a"}, "");
    EXPECT_THAT(peer_.take(), IsEmpty());
    EXPECT_EQ(peer_.ask(1, channel::Close{}), "1 channel.close-ok()");
    peer_.ask(1, channel::Open{});
    simulation_.advance(5s);
    EXPECT_THAT(peer_.take(), IsEmpty());
}

}  // namespace
}  // namespace simbroker::fault
