#include "simbroker/server091/confirms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace simbroker::server091 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Confirmation ack(std::uint64_t tag, bool multiple = false) { return {Confirmation::Kind::ack, tag, multiple}; }
Confirmation nack(std::uint64_t tag, bool multiple = false) { return {Confirmation::Kind::nack, tag, multiple}; }

struct ConfirmsTest : testing::Test {
    Confirms confirms;
    void SetUp() override {
        for (int i = 0; i < 5; ++i) confirms.next();
    }
};

TEST_F(ConfirmsTest, NothingToSayIsNotSaid) { EXPECT_THAT(confirms.flush(), IsEmpty()); }

TEST_F(ConfirmsTest, ALoneAckIsSingle) {
    confirms.acknowledge(3);
    EXPECT_THAT(confirms.flush(), ElementsAre(ack(3)));
    EXPECT_THAT(confirms.flush(), IsEmpty());
}

TEST_F(ConfirmsTest, SeveralBecomeOneMultiple) {
    for (const auto number : {2u, 1u, 3u}) confirms.acknowledge(number);
    EXPECT_THAT(confirms.flush(), ElementsAre(ack(3, true)));
}

TEST_F(ConfirmsTest, ALoneNackIsMultiple) {
    confirms.refuse(5);
    EXPECT_THAT(confirms.flush(), ElementsAre(nack(5, true)));
}

TEST_F(ConfirmsTest, MultipleStopsWhereTheOtherKindBegins) {
    for (const auto number : {1u, 2u, 5u}) confirms.acknowledge(number);
    for (const auto number : {3u, 4u}) confirms.refuse(number);
    EXPECT_THAT(confirms.flush(), ElementsAre(ack(2, true), ack(5), nack(3), nack(4)));
}

}  // namespace
}  // namespace simbroker::server091
