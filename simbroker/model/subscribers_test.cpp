#include "simbroker/model/subscribers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace simbroker::model {
namespace {

struct FakeSubscriber final : Subscriber {
    std::string name;
    std::int64_t level = 0;
    bool credit = true;
    bool holds = false;

    FakeSubscriber(std::string given, std::int64_t priority = 0) : name(std::move(given)), level(priority) {}
    std::string_view tag() const override { return name; }
    std::int64_t priority() const override { return level; }
    bool has_credit() const override { return credit; }
    bool holds_messages() const override { return holds; }
    void deliver(Queue&, QueuedMessage) override {}
    void queue_deleted(Queue&) override {}
};

std::string turns(Subscribers& subscribers, int count) {
    std::string names;
    for (int i = 0; i < count; ++i) {
        const auto* next = subscribers.next();
        names += next ? static_cast<const FakeSubscriber*>(next)->name : "-";
    }
    return names;
}

TEST(Subscribers, TakeTurns) {
    FakeSubscriber x("x"), y("y"), z("z");
    Subscribers subscribers;
    for (auto* subscriber : {&x, &y, &z}) subscribers.add(*subscriber);
    EXPECT_EQ(turns(subscribers, 7), "xyzxyzx");
}

TEST(Subscribers, OfAHigherPriorityAreServedUntilTheirCreditEnds) {
    FakeSubscriber low("l", -1), high("h", 10), middle("m");
    Subscribers subscribers;
    for (auto* subscriber : {&low, &high, &middle}) subscribers.add(*subscriber);
    EXPECT_EQ(turns(subscribers, 2), "hh");
    high.credit = false;
    EXPECT_EQ(turns(subscribers, 2), "mm");
    middle.credit = false;
    EXPECT_EQ(turns(subscribers, 1), "l");
    high.credit = true;
    subscribers.credit_returned(high);
    EXPECT_EQ(turns(subscribers, 1), "h");
}

TEST(Subscribers, ThatWereParkedJoinTheEndOfTheirPriority) {
    FakeSubscriber x("x"), y("y");
    Subscribers subscribers;
    subscribers.add(x);
    subscribers.add(y);
    x.credit = false;
    EXPECT_EQ(turns(subscribers, 2), "yy");
    x.credit = true;
    EXPECT_EQ(turns(subscribers, 1), "y") << "nobody told the queue yet";
    subscribers.credit_returned(x);
    EXPECT_EQ(turns(subscribers, 3), "yxy");
}

TEST(Subscribers, WhereOnlyTheEldestIsServedItsSuccessorWaits) {
    FakeSubscriber x("x"), y("y", 5);
    Subscribers subscribers;
    subscribers.serve(Subscribers::Served::only_the_eldest);
    subscribers.add(x);
    subscribers.add(y);
    EXPECT_EQ(turns(subscribers, 2), "xx");
    x.credit = false;
    EXPECT_EQ(turns(subscribers, 1), "-");
    subscribers.remove(x);
    EXPECT_EQ(turns(subscribers, 1), "y");
}

TEST(Subscribers, WhereOnlyTheHighestIsServedItTakesOverOnceItsPredecessorHasSettled) {
    FakeSubscriber x("x", 1), y("y", 5), z("z", 5);
    Subscribers subscribers;
    subscribers.serve(Subscribers::Served::only_the_highest);
    subscribers.add(x);
    EXPECT_EQ(turns(subscribers, 1), "x");
    x.holds = true;
    subscribers.add(y);
    subscribers.add(z);
    EXPECT_EQ(turns(subscribers, 1), "-") << "x gets no more, and y waits for it";
    x.holds = false;
    EXPECT_EQ(turns(subscribers, 2), "yy") << "the eldest of its priority";
    subscribers.remove(y);
    EXPECT_EQ(turns(subscribers, 1), "z");
}

}  // namespace
}  // namespace simbroker::model
