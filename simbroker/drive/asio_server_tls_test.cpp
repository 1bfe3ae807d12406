#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <memory>

#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/certificates.hpp"
#include "simbroker/drive/scripted_machine.hpp"
#include "simbroker/drive/test_socket.hpp"

namespace simbroker::drive {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Made once for all tests of this file.
const std::filesystem::path& certificates() {
    static const auto directory = [] {
        auto path = std::filesystem::temp_directory_path() / ("simbroker-tls-" + std::to_string(::getpid()));
        make_certificates(path);
        return path;
    }();
    return directory;
}

class RemoveCertificates : public testing::Environment {
    void TearDown() override { std::filesystem::remove_all(certificates()); }
};
const auto* const removes_certificates = testing::AddGlobalTestEnvironment(new RemoveCertificates);

std::string file(const std::string& name) { return (certificates() / name).string(); }

ServerOptions options(PeerVerification verification, const std::string& server = "server") {
    ServerOptions options{.host = "127.0.0.1"};
    options.tls = TlsOptions{
        .shown = {.certificate = file(server + ".pem"), .key = file(server + ".key")},
        .authority = file("ca.pem"),
        .verification = verification,
    };
    options.wrap = [](std::unique_ptr<Machine>) { return std::make_unique<ScriptedMachine>(); };
    return options;
}

// What a server says that does not start with them.
std::string refusal(ServerOptions options) {
    try {
        const Server server(std::move(options));
        return "it started";
    } catch (const ServerError& error) {
        return error.what();
    }
}

// A blocking TLS client; every failure is a text.
class TlsClient {
public:
    TlsClient(const Server& server, const std::string& certificate, const std::string& authority = "ca")
        : socket_(*server.tls_port()), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_load_verify_locations(context_.get(), file(authority + ".pem").c_str(), nullptr);
        if (!certificate.empty()) {
            SSL_CTX_use_certificate_chain_file(context_.get(), file(certificate + ".pem").c_str());
            SSL_CTX_use_PrivateKey_file(context_.get(), file(certificate + ".key").c_str(), SSL_FILETYPE_PEM);
        }
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), socket_.descriptor());
        ERR_clear_error();
        if (SSL_connect(ssl_.get()) != 1) failure_ = reason();
    }

    const std::string& failure() const { return failure_; }

    std::string receive(std::size_t count) {
        std::string octets(count, '\0');
        std::size_t got = 0;
        while (got < count) {
            ERR_clear_error();
            const auto read = SSL_read(ssl_.get(), octets.data() + got, static_cast<int>(count - got));
            if (read <= 0) return octets.substr(0, got) + "<" + reason() + ">";
            got += static_cast<std::size_t>(read);
        }
        return octets;
    }

    void send(const std::string& octets) { SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())); }

private:
    static std::string reason() {
        const auto* text = ERR_reason_error_string(ERR_peek_last_error());
        return text ? text : "the connection ended";
    }

    TestSocket socket_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
    std::string failure_;
};

std::string handshake_failure(const Server& server) {
    for (std::uint64_t seen = 0; server.wait_for_event(seen, 10s);) {
        for (const auto& event : server.events(seen)) {
            if (event.event.kind == Event::Kind::tls_handshake_failed) return event.event.detail;
            seen = event.sequence + 1;
        }
    }
    return "no handshake failed";
}

TEST(TlsServer, SpeaksToClientsWithAndWithoutTls) {
    Server server(options(PeerVerification::none));
    TlsClient secured(server, "");
    ASSERT_EQ(secured.failure(), "");
    EXPECT_EQ(secured.receive(5), "hello");
    const TestSocket plain(server.port());
    EXPECT_EQ(plain.receive(5), "hello");
    secured.send("over TLS");
    EXPECT_EQ(secured.receive(8), "over TLS");
    plain.send("as it is");
    EXPECT_EQ(plain.receive(8), "as it is");
    EXPECT_EQ(server.connection_count(), 2u);
}

TEST(TlsServer, CarriesMoreThanOneRecord) {
    Server server(options(PeerVerification::none));
    TlsClient client(server, "");
    client.receive(5);
    std::string much(300'000, '.');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>('a' + i % 23);
    client.send(much);
    EXPECT_EQ(client.receive(much.size()), much);
}

// A record is longer than one read of the server's, and nothing comes behind it that would wake the socket.
TEST(TlsServer, ReadsARecordToItsEnd) {
    Server server(options(PeerVerification::none));
    TlsClient client(server, "");
    client.receive(5);
    const std::string record(16'000, 'r');
    client.send(record);
    EXPECT_EQ(client.receive(record.size()), record);
}

TEST(TlsServer, WritesInPiecesWhereItIsTold) {
    auto shaped = options(PeerVerification::none);
    shaped.to_client.segmentation = {.kind = Segmentation::Kind::fixed, .size = 3};
    Server server(std::move(shaped));
    TlsClient client(server, "");
    client.receive(5);
    client.send("a longer line");
    EXPECT_EQ(client.receive(13), "a longer line");
}

TEST(TlsServer, TakesACertificateThatItsAuthoritySigned) {
    Server server(options(PeerVerification::required));
    TlsClient client(server, "client");
    EXPECT_EQ(client.receive(5), "hello");
}

TEST(TlsServer, RefusesClientsItCannotVerify) {
    for (const auto& [certificate, why] : std::vector<std::pair<std::string, std::string>>{
             {"", "peer did not return a certificate"},
             {"unknown_ca_client", "certificate verify failed"},
             {"expired_client", "certificate has expired"},
         }) {
        Server server(options(PeerVerification::required));
        TlsClient client(server, certificate);
        EXPECT_THAT(handshake_failure(server), HasSubstr(why)) << certificate;
        EXPECT_EQ(server.connection_count(), 0u) << "the broker never hears of it";
    }
}

TEST(TlsServer, IsRefusedByClientsThatDoNotTrustIt) {
    Server server(options(PeerVerification::none, "unknown_ca"));
    TlsClient client(server, "");
    EXPECT_EQ(client.failure(), "certificate verify failed");
    EXPECT_THAT(handshake_failure(server), HasSubstr("unknown ca"));
}

TEST(TlsServer, SaysWhichOfItsFilesIsNoGood) {
    auto wrong = options(PeerVerification::none);
    wrong.tls->shown.key = file("client.key");
    EXPECT_THAT(refusal(std::move(wrong)), HasSubstr("cannot use the key " + file("client.key")));
    auto absent = options(PeerVerification::none);
    absent.tls->shown.certificate = file("none.pem");
    EXPECT_THAT(
        refusal(std::move(absent)),
        HasSubstr("cannot use the certificate " + file("none.pem") + ": No such file or directory")
    );
}

TEST(TlsServer, DropsWhatIsNoTls) {
    Server server(options(PeerVerification::none));
    const TestSocket socket(*server.tls_port());
    socket.send(std::string("AMQP\0\0\x09\x01", 8));
    EXPECT_NE(handshake_failure(server), "no handshake failed");
}

}  // namespace
}  // namespace simbroker::drive
