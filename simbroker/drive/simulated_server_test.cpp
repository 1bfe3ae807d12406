#include "simbroker/drive/simulated_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "simbroker/drive/client_octets.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using Kind = News::Kind;

SimulatedServerOptions slow() {
    SimulatedServerOptions options;
    options.to_broker.latency = 10ms;
    options.to_client.latency = 20ms;
    return options;
}

// The kinds of all that the client learns until then.
std::vector<Kind> learned(SimulatedServer& server, Instant until) {
    std::vector<Kind> kinds;
    while (server.now() < until) {
        for (const auto& news : server.run(until)) kinds.push_back(news.kind);
    }
    return kinds;
}

TEST(SimulatedServer, accepts_after_the_latency_of_both_ways_and_then_talks) {
    SimulatedServer server(slow());
    const auto id = server.connect();
    ASSERT_EQ(server.run(std::nullopt).front().kind, Kind::accepted);
    EXPECT_EQ(server.now(), Instant(30ms));
    EXPECT_THAT(server.connections(), testing::ElementsAre(id));

    server.send(id, login_octets());
    const auto news = server.run(std::nullopt);
    ASSERT_EQ(news.front().kind, Kind::octets);
    EXPECT_FALSE(news.front().octets.empty());
    EXPECT_EQ(server.now(), Instant(60ms));
}

TEST(SimulatedServer, goes_to_the_limit_where_there_is_no_news) {
    SimulatedServer server(slow());
    server.connect();
    EXPECT_TRUE(server.run(Instant(5ms)).empty());
    EXPECT_EQ(server.now(), Instant(5ms));
    EXPECT_FALSE(server.run(Instant(1h)).empty());
    EXPECT_EQ(server.now(), Instant(30ms)) << "news stop the time";
}

TEST(SimulatedServer, refuses_while_the_broker_is_down_and_resets_when_its_power_goes) {
    SimulatedServer server(slow());
    const auto first = server.connect();
    learned(server, Instant(1s));
    server.inject(Crash{});
    server.connect();
    EXPECT_THAT(learned(server, Instant(2s)), testing::ElementsAre(Kind::reset, Kind::refused));
    server.inject(Start{});
    const auto third = server.connect();
    EXPECT_THAT(learned(server, Instant(3s)), testing::ElementsAre(Kind::accepted));
    EXPECT_THAT(server.connections(), testing::ElementsAre(third));
    EXPECT_NE(first, third);
}

TEST(SimulatedServer, ends_in_order_what_the_client_ends_and_resets_what_the_network_drops) {
    SimulatedServer server(slow());
    const auto first = server.connect();
    const auto second = server.connect();
    learned(server, Instant(1s));
    server.disconnect(first);
    server.drop(second);
    EXPECT_THAT(learned(server, Instant(2s)), testing::UnorderedElementsAre(Kind::ended, Kind::reset));
    EXPECT_TRUE(server.connections().empty());
}

TEST(SimulatedServer, answers_operations_at_once) {
    SimulatedServer server(slow());
    EXPECT_EQ(server.operate(operation::AddUser{"anna", "secret"}).refusal, std::nullopt);
    EXPECT_EQ(server.operate(operation::List{.what = "users"}).rows.size(), 2u);
    EXPECT_NE(server.operate(operation::DeleteUser{"nobody"}).refusal, std::nullopt);
    EXPECT_EQ(server.now(), Instant{});
}

TEST(SimulatedServer, has_one_hash_for_equal_runs_and_others_for_others) {
    const auto hash_after = [](Seed seed, Duration wait) {
        auto options = slow();
        options.seed = seed;
        SimulatedServer server(options);
        const auto id = server.connect();
        learned(server, Instant(wait));
        server.send(id, login_octets());
        learned(server, Instant(10s));
        return server.trace_hash();
    };
    EXPECT_EQ(hash_after(1, 1s), hash_after(1, 1s));
    EXPECT_NE(hash_after(1, 1s), hash_after(2, 1s));
    EXPECT_NE(hash_after(1, 1s), hash_after(1, 2s));
}

TEST(SimulatedServer, is_over_when_finished) {
    SimulatedServer server(slow());
    server.finish();
    EXPECT_THROW(server.run(std::nullopt), std::logic_error);
    EXPECT_THROW(server.inject(Crash{}), std::logic_error);
}

TEST(SimulatedServer, needs_a_trace_file_it_can_write) {
    auto options = slow();
    options.trace = "/nowhere/at/all.trace";
    EXPECT_THROW(SimulatedServer{options}, std::runtime_error);
}

}  // namespace
}  // namespace simbroker::drive
