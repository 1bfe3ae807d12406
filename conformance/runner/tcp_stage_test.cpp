#include "conformance/runner/tcp_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/identify.hpp"
#include "conformance/runner/simulated_run.hpp"
#include "simbroker/drive/asio_server.hpp"

namespace conformance::runner {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(TcpTarget, IsReadFromAUrl) {
    const auto target = TcpTarget::parse("amqp://me:se%3acret@broker.example:5673/my%2fhost?heartbeat=0");
    ASSERT_TRUE(target) << target.error();
    EXPECT_EQ(target->host, "broker.example");
    EXPECT_EQ(target->port, 5673);
    EXPECT_EQ(target->login.user, "me");
    EXPECT_EQ(target->login.password, "se:cret");
    EXPECT_EQ(target->login.vhost, "my/host");
}

TEST(TcpTarget, HasDefaults) {
    for (const auto* url : {"amqp://localhost", "amqp://localhost/", "amqp://guest:guest@localhost:5672/%2f"}) {
        const auto target = TcpTarget::parse(url);
        ASSERT_TRUE(target) << url;
        EXPECT_EQ(target->port, 5672);
        EXPECT_EQ(target->login.user, "guest");
        EXPECT_EQ(target->login.vhost, "/");
    }
    EXPECT_EQ(TcpTarget::parse("amqp://[::1]:5673")->host, "::1");
    EXPECT_EQ(TcpTarget::parse("amqp://[::1]")->port, 5672);
}

TEST(TcpTarget, NamesWhatItCannotRead) {
    for (const auto* url :
         {"", "localhost", "http://localhost", "amqp://", "amqp://h:0", "amqp://h:x", "amqp://h:70000", "amqp://h/%zz"
         }) {
        const auto target = TcpTarget::parse(url);
        ASSERT_FALSE(target) << url;
        EXPECT_THAT(target.error(), HasSubstr("expected amqp://user:password@host:port/vhost"));
    }
}

TEST(TcpStage, GivesTheSameVerdictsAsVirtualTime) {
    simbroker::drive::Server server({});
    const auto target = TcpTarget::parse(server.url()).value();
    for (const auto* id :
         {"basic.consume.delivers-in-order",
          "queue.declare.passive-missing",
          "framing.heartbeat-with-payload",
          "content.every-octet"}) {
        TcpStage stage(target, 1s);
        const auto result = run_scenario(stage, testing::scenario_named(id), {.prefix = id});
        EXPECT_EQ(testing::outcome(result), "pass") << id;
    }
}

TEST(TcpStage, CannotWaitForHours) {
    simbroker::drive::Server server({});
    TcpStage stage(TcpTarget::parse(server.url()).value(), 1s);
    const auto result = run_scenario(stage, testing::scenario_of("  - advance: 2h\n"), {.prefix = "x"});
    EXPECT_EQ(
        testing::outcome(result), "unsupported: needs 7200s of real time, and at most 1s are allowed (--max-wait)"
    );
}

TEST(TcpStage, WithoutABrokerIsInconclusive) {
    std::uint16_t port = 0;
    {
        simbroker::drive::Server server({});
        port = server.port();
    }
    TcpTarget target;
    target.port = port;
    TcpStage stage(target, 1s);
    const auto result = run_scenario(stage, testing::scenario_of("  - open_channel: 1\n"), {.prefix = "x"});
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_THAT(result.message, HasSubstr("Connection refused"));
}

TEST(Identify, TakesTheBrokersOwnWord) {
    simbroker::drive::Server server({});
    TcpStage stage(TcpTarget::parse(server.url()).value(), 1s);
    const auto identity = identify_broker(stage);
    ASSERT_TRUE(identity) << identity.error();
    EXPECT_EQ(identity->product, "RabbitMQ");
    EXPECT_EQ(identity->version, simbroker::BrokerConfig{}.profile.version);
}

}  // namespace
}  // namespace conformance::runner
