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

}  // namespace
}  // namespace simbroker::model
