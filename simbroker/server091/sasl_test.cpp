#include "simbroker/server091/sasl.hpp"

#include "simbroker/server091/test_broker.hpp"

namespace simbroker::server091 {
namespace {

using codec::wire::Bytes;

const std::string guest_by_plain("\0guest\0guest", 12);

// A broker and one connection, whose transport the test chooses.
struct Sasl : testing::Test {
    BrokerConfig config = TestBroker::config_of(profile::rabbitmq_4_3());
    std::optional<TlsFacts> tls;
    std::unique_ptr<Broker> broker;
    Instant now{};

    std::string give(const Input& input) {
        std::string octets;
        for (const auto& output : broker->handle(now, input)) {
            if (const auto* send = std::get_if<Send>(&output)) octets += codec::wire::as_text(send->bytes);
            if (std::holds_alternative<Close>(output)) octets += "<closed>";
        }
        return octets;
    }
    std::string start() {
        broker = std::make_unique<Broker>(config, 1);
        give(Connected{ConnectionId{1}, "test", tls});
        return give(Received{ConnectionId{1}, methods::protocol_header_091});
    }
    // The class and method of the reply: "10.30" is connection.tune. "" is silence.
    std::string ask(const methods::Method& method) {
        Bytes octets;
        append_method(octets, methods::connection_channel, method);
        last_reply = give(Received{ConnectionId{1}, octets});
        if (last_reply.size() < 11) return last_reply;
        return std::to_string(last_reply[8]) + "." + std::to_string(last_reply[10]);
    }
    std::string start_ok(std::string_view mechanism, std::string_view response) {
        FieldTableBuilder capabilities;
        capabilities.add("authentication_failure_close", true);
        FieldTableBuilder properties;
        properties.add("capabilities", capabilities.view());
        return ask(methods::connection::StartOk{
            .client_properties = properties.view(),
            .mechanism = mechanism,
            .response = {response},
            .locale = "en_US",
        });
    }
    std::string secure_ok(std::string_view response) {
        return ask(methods::connection::SecureOk{.response = {response}});
    }
    static constexpr auto tune = "10.30";
    static constexpr auto secure = "10.20";
    static constexpr auto close = "10.50";

    std::string last_reply;
};

TEST_F(Sasl, ExternalIsOfferedOverTlsAlone) {
    config.auth_mechanisms = {"PLAIN", "EXTERNAL"};
    EXPECT_THAT(start(), testing::Not(HasSubstr("EXTERNAL")));
    EXPECT_EQ(start_ok("EXTERNAL", ""), "") << "silence, as for any mechanism that is not offered";
    tls = TlsFacts{};
    EXPECT_THAT(start(), HasSubstr("PLAIN EXTERNAL"));
}

TEST_F(Sasl, ExternalIsTheUserOfTheDistinguishedName) {
    config.auth_mechanisms = {"EXTERNAL"};
    config.accounts.push_back({"CN=guest,O=Acme", "", {"/"}});
    tls = TlsFacts{CertificateNames{"CN=guest,O=Acme", "guest"}};
    start();
    EXPECT_EQ(start_ok("EXTERNAL", ""), tune);
}

TEST_F(Sasl, ExternalIsTheUserOfTheCommonNameIfToldSo) {
    config.auth_mechanisms = {"EXTERNAL"};
    tls = TlsFacts{CertificateNames{"CN=guest,O=Acme", "guest"}};
    start();
    EXPECT_EQ(start_ok("EXTERNAL", ""), close) << "there is no user of the distinguished name";
    config.certificate_login = CertificateLogin::common_name;
    start();
    EXPECT_EQ(start_ok("EXTERNAL", ""), tune);
}

TEST_F(Sasl, ExternalWithoutACertificateIsRefused) {
    config.auth_mechanisms = {"EXTERNAL", "PLAIN"};
    tls = TlsFacts{};
    start();
    EXPECT_EQ(start_ok("EXTERNAL", ""), close);
    EXPECT_THAT(
        last_reply,
        HasSubstr(
            "ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL. For details see the broker "
            "logfile."
        )
    );
}

TEST_F(Sasl, PlainLogsInOverTlsToo) {
    tls = TlsFacts{};
    start();
    EXPECT_EQ(start_ok("PLAIN", guest_by_plain), tune);
}

TEST_F(Sasl, TheDemonstrationAsksForThePassword) {
    config.auth_mechanisms = {"RABBIT-CR-DEMO"};
    start();
    EXPECT_EQ(start_ok("RABBIT-CR-DEMO", "guest"), secure);
    EXPECT_THAT(last_reply, HasSubstr("Please tell me your password"));
    EXPECT_EQ(secure_ok("My password is guest"), tune);
    start();
    start_ok("RABBIT-CR-DEMO", "guest");
    EXPECT_EQ(secure_ok("My password is another"), close);
    EXPECT_THAT(last_reply, HasSubstr("Login was refused using authentication mechanism RABBIT-CR-DEMO."));
    start();
    start_ok("RABBIT-CR-DEMO", "guest");
    EXPECT_EQ(secure_ok("guest"), "") << "no answer to the challenge: silence, and the door after 3 s";
    now += seconds(3);
    EXPECT_EQ(give(DeadlineReached{}), "<closed>");
}

TEST_F(Sasl, NothingIsAnsweredBeforeThePasswordIs) {
    config.auth_mechanisms = {"RABBIT-CR-DEMO"};
    start();
    start_ok("RABBIT-CR-DEMO", "guest");
    EXPECT_EQ(ask(methods::connection::TuneOk{.channel_max = 1, .frame_max = 131072, .heartbeat = 0}), "");
}

}  // namespace
}  // namespace simbroker::server091
