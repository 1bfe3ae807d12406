#include "codec/amqp091/utf8.hpp"

#include <gtest/gtest.h>

namespace codec::amqp091 {
namespace {

TEST(MalformedShortString, is_found_in_any_short_string_of_a_method) {
    EXPECT_TRUE(has_malformed_short_string(basic::Publish{.exchange = "\xff"}));
    EXPECT_TRUE(has_malformed_short_string(basic::Publish{.exchange = "ex", .routing_key = "a\xc3"}));
    EXPECT_FALSE(has_malformed_short_string(basic::Publish{.exchange = "ex", .routing_key = "Gr\xc3\xbc\xc3\x9f"}));
}

TEST(MalformedShortString, is_not_a_long_string_which_may_be_any_octets) {
    EXPECT_FALSE(has_malformed_short_string(connection::Secure{.challenge = {"\xff"}}));
    EXPECT_FALSE(has_malformed_short_string(tx::Select{}));
}

}  // namespace
}  // namespace codec::amqp091
