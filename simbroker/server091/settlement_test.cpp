#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using methods::basic::Ack;
using methods::basic::Nack;
using methods::basic::Recover;
using methods::basic::Reject;

std::string unknown(std::uint64_t tag, int method_id) {
    return "1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - unknown delivery tag " +
           std::to_string(tag) + "\", class_id=60, method_id=" + std::to_string(method_id) + ")";
}

struct Settling : testing::Test {
    TestBroker test;
    ScriptedPeer peer = test.peer();
    ScriptedPeer other = test.peer();

    void SetUp() override {
        declare(peer, "q");
        for (const auto* body : {"a", "b", "c", "d", "e"}) publish(peer, "q", body);
    }
    void hold(int count) {
        for (int i = 0; i < count; ++i) peer.ask(1, methods::basic::Get{.queue = "q"});
    }
    std::string left() { return drain(other, "q"); }
};

TEST_F(Settling, AnUnknownTagClosesTheChannel) {
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 99}), unknown(99, 80));
    EXPECT_EQ(other.ask(1, Nack{.delivery_tag = 0}), unknown(0, 120));
    auto third = test.peer();
    EXPECT_EQ(third.ask(1, Reject{.delivery_tag = 7}), unknown(7, 90));
}

TEST_F(Settling, ATagTwiceIsUnknownTheSecondTime) {
    hold(1);
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 1}), "");
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 1}), unknown(1, 80));
}

TEST_F(Settling, MultipleTakesEverythingUpToATagThatMustBeOut) {
    hold(3);
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 2}), "");
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 2, .multiple = true}), unknown(2, 80)) << "though 1 is still out";
}

TEST_F(Settling, TagZeroWithMultipleIsEverythingAndNeverAnError) {
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 0, .multiple = true}), "");
    hold(3);
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 0, .multiple = true}), "");
    peer.ask(1, methods::channel::Close{});
    EXPECT_EQ(left(), "d e");
}

TEST_F(Settling, RejectedMessagesGoBackToTheirPlaceOrAway) {
    hold(5);
    peer.ask(1, Reject{.delivery_tag = 3, .requeue = true});
    peer.ask(1, Reject{.delivery_tag = 1, .requeue = true});
    peer.ask(1, Reject{.delivery_tag = 5, .requeue = true});
    peer.ask(1, Reject{.delivery_tag = 2});
    EXPECT_EQ(left(), "a c e");
}

TEST_F(Settling, NackMultipleKeepsTheOrder) {
    hold(3);
    peer.ask(1, Nack{.delivery_tag = 3, .multiple = true, .requeue = true});
    EXPECT_EQ(left(), "a b c d e");
}

TEST_F(Settling, TagsBelongToTheirChannel) {
    hold(1);
    peer.ask(2, methods::channel::Open{});
    EXPECT_EQ(
        peer.ask(2, Ack{.delivery_tag = 1}),
        "2 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - unknown delivery tag 1\", class_id=60, "
        "method_id=80)"
    );
}

TEST_F(Settling, RecoverGivesEverythingBackUnderNewTags) {
    hold(2);
    EXPECT_EQ(peer.ask(1, Recover{.requeue = true}), "1 basic.recover-ok()");
    EXPECT_THAT(peer.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("delivery_tag=3, redelivered=true"));
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 1}), unknown(1, 80));
}

TEST_F(Settling, RecoverWithoutRequeueIsNotImplemented) {
    EXPECT_THAT(peer.ask(1, Recover{}), HasSubstr("reply_code=540, reply_text=\"NOT_IMPLEMENTED - requeue=false\""));
}

TEST_F(Settling, AfterAChannelErrorConsumedMessagesGoBackAtOnceAndGotOnesWithCloseOk) {
    hold(1);
    peer.ask(1, methods::basic::Qos{.prefetch_count = 1});
    peer.ask(1, methods::basic::Consume{.queue = "q", .consumer_tag = "c"});
    peer.ask(1, Ack{.delivery_tag = 99});
    EXPECT_THAT(other.ask(1, methods::basic::Get{.queue = "q"}), HasSubstr("redelivered=true")) << "b was consumed";
    EXPECT_EQ(left(), "c d e");
    peer.ask(1, methods::channel::CloseOk{});
    EXPECT_EQ(left(), "a");
}

TEST_F(Settling, MessagesOfADeletedQueueCanStillBeSettled) {
    hold(2);
    other.ask(1, methods::queue::Delete{.queue = "q"});
    EXPECT_EQ(peer.ask(1, Ack{.delivery_tag = 1}), "");
    EXPECT_EQ(peer.ask(1, Nack{.delivery_tag = 2, .requeue = true}), "");
}

}  // namespace
}  // namespace simbroker::server091
