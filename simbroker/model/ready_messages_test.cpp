#include "simbroker/model/ready_messages.hpp"

#include <gtest/gtest.h>

namespace simbroker::model {
namespace {

QueuedMessage message(std::uint64_t position, std::uint8_t priority = 0, std::size_t body = 1) {
    auto content = std::make_shared<Message>();
    content->own_body(codec::wire::Bytes(body));
    QueuedMessage queued;
    queued.message = std::move(content);
    queued.position = position;
    queued.priority = priority;
    return queued;
}

std::vector<std::uint64_t> positions(ReadyMessages& ready) {
    std::vector<std::uint64_t> out;
    while (!ready.empty()) out.push_back(ready.pop().position);
    return out;
}

TEST(ReadyMessages, ComeOutInTheOrderTheyWentIn) {
    ReadyMessages ready;
    for (const auto position : {1u, 2u, 3u}) ready.push(message(position));
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(ReadyMessages, ARestoredMessageStandsWhereItStood) {
    ReadyMessages ready;
    for (const auto position : {1u, 2u, 3u, 4u, 5u}) ready.push(message(position));
    ready.pop();
    ready.pop();
    ready.pop();
    ready.restore(message(3));
    ready.restore(message(1));
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{1, 3, 4, 5}));
}

TEST(ReadyMessages, TheHighestPriorityComesFirstAndKeepsItsOrder) {
    ReadyMessages ready;
    ready.push(message(1, 0));
    ready.push(message(2, 5));
    ready.push(message(3, 3));
    ready.push(message(4, 5));
    EXPECT_EQ(ready.front()->position, 2u);
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{2, 4, 3, 1}));
}

TEST(ReadyMessages, PushedToTheFrontComeBeforeAnyPriorityInTheOrderOfTheirReturn) {
    ReadyMessages ready;
    ready.push(message(3, 9));
    ready.push_front(message(2, 0));
    ready.push_front(message(1, 5));
    EXPECT_EQ(ready.front()->position, 2u);
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{2, 1, 3}));
    ready.push(message(4, 1));
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{4}));
}

// The order RabbitMQ 4.0.5 was seen to serve low (0) and high (1) messages in.
TEST(ReadyMessages, ServedTwoToOneGiveTheLowerItsTurnUnlessItCameLater) {
    const auto served = [](std::string_view published) {
        ReadyMessages ready;
        ready.serve(Service::two_to_one);
        std::uint64_t position = 0;
        for (const char level : published) ready.push(message(++position, level == 'h' ? 1 : 0));
        std::string order;
        for (const auto at : positions(ready)) order += static_cast<char>('a' + at - 1);
        return order;
    };
    EXPECT_EQ(served("hhlhhhhhhllhll"), "abcdefghiljkmn");
    EXPECT_EQ(served("llhlhhhhllhlhh"), "ceafgbhkdmnijl");
    EXPECT_EQ(served("lllhlhhlllhhhh"), "dfagkblmcnehij");
    EXPECT_EQ(served("hhlhllllhhlhll"), "abcdiejlfghkmn");
}

TEST(ReadyMessages, CountMessagesAndOctetsOfTheirBodies) {
    ReadyMessages ready;
    EXPECT_EQ(ready.front(), nullptr);
    ready.push(message(1, 0, 10));
    ready.push(message(2, 9, 5));
    EXPECT_EQ(ready.count(), 2u);
    EXPECT_EQ(ready.body_bytes(), 15u);
    ready.pop();
    EXPECT_EQ(ready.body_bytes(), 10u);
    ready.pop();
    EXPECT_TRUE(ready.empty());
    ready.push(message(3, 4));
    EXPECT_EQ(ready.front()->position, 3u) << "an emptied level of another priority is not in the way";
}

TEST(ReadyMessages, CanBeChosenInTheirOrderPassingOverOthers) {
    using Choice = ReadyMessages::Choice;
    ReadyMessages ready;
    ready.push(message(1));
    ready.push(message(2, 5));
    ready.push(message(3, 5));
    ready.push(message(4));
    ready.push_front(message(5));
    const auto even = [](const QueuedMessage& each) {
        return each.position % 2 == 0 ? Choice::take : Choice::pass_over;
    };
    std::size_t passed_over = 0;
    EXPECT_EQ(ready.take_chosen(passed_over, even)->position, 2u);
    EXPECT_EQ(passed_over, 1u) << "the one that was returned to the front";
    EXPECT_EQ(ready.take_chosen(passed_over, even)->position, 4u);
    EXPECT_FALSE(ready.take_chosen(passed_over, even));
    EXPECT_EQ(passed_over, 3u);
    EXPECT_EQ(positions(ready), (std::vector<std::uint64_t>{5, 3, 1}));
}

TEST(ReadyMessages, NobodyIsAskedAnyMoreOnceTheChoiceIsToStop) {
    ReadyMessages ready;
    for (const auto position : {1u, 2u, 3u}) ready.push(message(position, static_cast<std::uint8_t>(position)));
    std::size_t passed_over = 0;
    int asked = 0;
    const auto stop = [&](const QueuedMessage&) {
        ++asked;
        return ReadyMessages::Choice::stop;
    };
    EXPECT_FALSE(ready.take_chosen(passed_over, stop));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(ready.count(), 3u);
}

}  // namespace
}  // namespace simbroker::model
