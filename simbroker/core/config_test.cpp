#include "simbroker/core/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace simbroker {
namespace {

using testing::AllOf;
using testing::HasSubstr;

BrokerConfig unusual() {
    return {
        .profile = profile::rabbitmq_3_10(),
        .cluster_name = "rabbit@läb",
        .vhosts = {"/", "orders"},
        .accounts = {{"guest", "guest", {"/"}}, {"eve", "s\"cret", {"/", "orders"}}},
        .plugins = std::vector<std::string>{"rabbitmq_sharding"},
        .epoch = std::chrono::seconds(1),
        .consumer_timeout = std::chrono::milliseconds(5),
        .max_connections = 3,
        .max_memory = 4096,
        .observe_messages = true,
    };
}

std::string error_of(std::string_view json) {
    const auto config = config_from_json(json);
    return config ? "no error" : config.error();
}

TEST(Config, comes_back_from_json_as_it_was) {
    EXPECT_EQ(config_from_json(to_json(unusual())), unusual());
    EXPECT_EQ(config_from_json(to_json(BrokerConfig{})), BrokerConfig{});
    EXPECT_NE(to_json(unusual()), to_json(BrokerConfig{}));
}

TEST(Config, keeps_the_default_of_what_is_not_mentioned) {
    const auto config = config_from_json(R"({"max_connections": 7})");
    ASSERT_TRUE(config) << config.error();
    EXPECT_EQ(config->max_connections, 7u);
    EXPECT_EQ(config->accounts, BrokerConfig{}.accounts);
}

TEST(Config, names_an_unknown_key_and_the_ones_there_are) {
    EXPECT_THAT(error_of(R"({"max_conections": 7})"), AllOf(HasSubstr("max_conections"), HasSubstr("max_connections")));
    EXPECT_THAT(error_of(R"({"accounts": [{"name": "a"}, {"nam": 1}]})"), HasSubstr("accounts[1].nam"));
}

TEST(Config, names_the_key_of_a_wrong_type) {
    EXPECT_THAT(
        error_of(R"({"vhosts": ["/", 5]})"), AllOf(HasSubstr("vhosts[1]"), HasSubstr("string"), HasSubstr("5"))
    );
    EXPECT_THAT(error_of(R"({"observe_messages": "yes"})"), HasSubstr("observe_messages: expected true or false"));
    EXPECT_THAT(error_of(R"({"max_connections": -1})"), HasSubstr("max_connections"));
    EXPECT_THAT(error_of(R"({"epoch": 18446744073709551615})"), HasSubstr("epoch"));
    EXPECT_THAT(error_of(R"({"epoch": 9223372037})"), HasSubstr("epoch"));
    EXPECT_THAT(error_of(R"({"epoch": -1})"), HasSubstr("epoch"));
    EXPECT_THAT(
        error_of(R"({"accounts": [{"password": "x"}]})"), HasSubstr("accounts[0]: expected an account with a name")
    );
    EXPECT_THAT(error_of("[]"), HasSubstr("expected an object"));
    EXPECT_THAT(error_of("{"), HasSubstr("not JSON; the error is in line 1"));
    EXPECT_THAT(error_of("{\"epoch\": 1e999}"), HasSubstr("a number is too large"));
    EXPECT_THAT(error_of("{\n\"epoch\": 1,\n\"vhosts\": [}\n}"), HasSubstr("not JSON; the error is in line 3"));
}

TEST(Config, lists_the_profiles_when_one_is_unknown) {
    EXPECT_THAT(
        error_of(R"({"profile": "rabbitmq-9"})"),
        AllOf(HasSubstr("rabbitmq-9"), HasSubstr("rabbitmq-4.3"), HasSubstr("rabbitmq-3.10"))
    );
}

}  // namespace
}  // namespace simbroker
