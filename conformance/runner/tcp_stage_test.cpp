#include "conformance/runner/tcp_stage.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "conformance/runner/identify.hpp"
#include "conformance/runner/simulated_run.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/certificates.hpp"

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
        EXPECT_THAT(target.error(), HasSubstr("expected amqp[s]://user:password@host:port/vhost"));
    }
}

TEST(TcpTarget, TakesTheFilesOfTlsFromTheQuery) {
    const auto target =
        TcpTarget::parse("amqps://h/v?cacertfile=ca.pem&certfile=me%20too.pem&keyfile=me.key&heartbeat=5");
    ASSERT_TRUE(target) << target.error();
    EXPECT_EQ(target->port, 5671);
    EXPECT_EQ(target->login.vhost, "v");
    const TlsTarget expected{.authority = "ca.pem", .certificate = "me too.pem", .key = "me.key"};
    EXPECT_EQ(target->tls, expected);
    EXPECT_EQ(TcpTarget::parse("amqps://h?verify=verify_none")->tls->verification, TlsTarget::Verification::none);
    EXPECT_THAT(TcpTarget::parse("amqps://h?verify=perhaps").error(), HasSubstr("verify_peer or verify_none"));
    EXPECT_THAT(TcpTarget::parse("amqps://h?certfile=x").error(), HasSubstr("go together"));
    EXPECT_FALSE(TcpTarget::parse("amqp://h")->tls);
    EXPECT_THAT(
        TcpTarget::parse("amqps://h/?cacertfle=x").error(),
        HasSubstr("there is no parameter 'cacertfle', there are cacertfile")
    );
    EXPECT_TRUE(TcpTarget::parse("amqps://h/?heartbeat=0"));
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

// A broker that asks for the client's certificate, and what it says to those who come with one, without, or trusting
// another authority.
struct TcpStageThroughTls : ::testing::Test {
    TcpStageThroughTls() { simbroker::drive::make_certificates(directory); }
    ~TcpStageThroughTls() override { std::filesystem::remove_all(directory); }

    std::string file(const std::string& name) const { return (directory / name).string(); }

    std::string identity(const std::string& query) {
        using namespace simbroker::drive;
        Server server({
            .host = "localhost",
            .tls =
                TlsOptions{
                    .shown = {.certificate = file("server.pem"), .key = file("server.key")},
                    .authority = file("ca.pem"),
                    .verification = PeerVerification::required,
                },
        });
        const auto url = fmt::format("amqps://guest:guest@localhost:{}/{}", *server.tls_port(), query);
        TcpStage stage(TcpTarget::parse(url).value(), 1s);
        const auto identity = identify_broker(stage);
        return identity ? identity->product : identity.error();
    }

    std::filesystem::path directory =
        std::filesystem::temp_directory_path() / fmt::format("conformance-tls-{}", ::getpid());
};

TEST_F(TcpStageThroughTls, IsTheSameBroker) {
    const auto client = fmt::format("&certfile={}&keyfile={}", file("client.pem"), file("client.key"));
    EXPECT_EQ(identity("?cacertfile=" + file("ca.pem") + client), "RabbitMQ");
    EXPECT_EQ(identity("?verify=verify_none" + client), "RabbitMQ");
    EXPECT_THAT(identity("?cacertfile=" + file("other_ca.pem") + client), HasSubstr("say ?cacertfile=FILE"));
    EXPECT_THAT(identity("?cacertfile=" + file("missing.pem") + client), HasSubstr("missing.pem cannot be used"));
    EXPECT_NE(identity("?cacertfile=" + file("ca.pem")), "RabbitMQ") << "it has to show a certificate";
}

// Bodies of many records both ways, and what a record leaves behind when it is longer than one read.
TEST_F(TcpStageThroughTls, CarriesBodiesOfManyRecords) {
    using namespace simbroker::drive;
    Server server({
        .host = "localhost",
        .tls = TlsOptions{.shown = {.certificate = file("server.pem"), .key = file("server.key")}},
    });
    const auto url = fmt::format("amqps://localhost:{}/?cacertfile={}", *server.tls_port(), file("ca.pem"));
    TcpStage stage(TcpTarget::parse(url).value(), 1s);
    const auto result = run_scenario(stage, testing::scenario_named("content.body-in-pieces"), {.prefix = "tls"});
    EXPECT_EQ(testing::outcome(result), "pass");
}

TEST(TcpStage, CannotWaitForHours) {
    simbroker::drive::Server server({});
    TcpStage stage(TcpTarget::parse(server.url()).value(), 1s);
    const auto result = run_scenario(stage, testing::scenario_of("  - advance: 2h\n"), {.prefix = "x"});
    EXPECT_EQ(
        testing::outcome(result), "unsupported: needs 7200s of real time, and at most 1s are allowed (--max-wait)"
    );
}

TEST(TcpStage, CannotConfigureTheBroker) {
    simbroker::drive::Server server({});
    TcpStage stage(TcpTarget::parse(server.url()).value(), 1s);
    const auto scenario = testing::scenario_of("  - open_channel: 1\n", "broker: {deprecated_features: deny}\n");
    EXPECT_EQ(
        testing::outcome(run_scenario(stage, scenario, {.prefix = "x"})),
        "unsupported: it is about a broker that is configured with {\"deprecated_features\":\"deny\"}"
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
