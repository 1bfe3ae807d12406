#include "conformance/runner/transport.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace conformance::runner {

namespace {

constexpr int patience = 5000;  // milliseconds, for each wait

std::string tls_reason() {
    const auto code = ERR_peek_last_error();
    const auto* text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "the broker ended the connection" : text;
}

std::unexpected<std::string> cannot_use(std::string_view what, const std::string& file) {
    return std::unexpected(fmt::format("{} {} cannot be used: {}", what, file, tls_reason()));
}

std::expected<std::shared_ptr<SSL_CTX>, std::string> context_for(const TlsTarget& target) {
    ERR_clear_error();
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const bool verifies = target.verification == TlsTarget::Verification::of_name_and_chain;
    SSL_CTX_set_verify(context.get(), verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (target.authority.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
    } else if (SSL_CTX_load_verify_locations(context.get(), target.authority.c_str(), nullptr) != 1) {
        return cannot_use("cacertfile", target.authority);
    }
    if (target.certificate.empty()) return context;
    if (SSL_CTX_use_certificate_chain_file(context.get(), target.certificate.c_str()) != 1) {
        return cannot_use("certfile", target.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context.get(), target.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return cannot_use("keyfile", target.key);
    }
    return context;
}

// A certificate is for names or for addresses; only names are announced to the server.
void expect_host(SSL* tls, const std::string& host) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) return;
    SSL_set1_host(tls, host.c_str());
    SSL_set_tlsext_host_name(tls, host.c_str());
}

bool is_ready(int descriptor, short events) {
    pollfd waiting{descriptor, events, 0};
    return ::poll(&waiting, 1, patience) == 1;
}

bool waits(SSL* tls, int result) {
    const auto error = SSL_get_error(tls, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

Transport::Moved moved_by(ssize_t count) {
    if (count > 0) return {Transport::State::moved, static_cast<std::size_t>(count)};
    const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
    return {later ? Transport::State::nothing_now : Transport::State::over};
}

}  // namespace

std::expected<Transport, std::string> Transport::connect(const addrinfo& address, const TcpTarget& target) {
    FileDescriptor socket(
        ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol)
    );
    if (!socket.open()) return std::unexpected(std::strerror(errno));
    if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) {
        return std::unexpected(std::strerror(errno));
    }
    if (!is_ready(socket.number(), POLLOUT)) return std::unexpected("no connection within 5 s");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return std::unexpected(std::strerror(error));
    const int at_once = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    Transport transport(std::move(socket));
    if (target.tls) {
        if (auto secured = transport.secure(target); !secured) return std::unexpected("TLS: " + secured.error());
    }
    return transport;
}

std::expected<void, std::string> Transport::secure(const TcpTarget& target) {
    const auto context = context_for(*target.tls);
    if (!context) return std::unexpected(context.error());
    tls_ = std::shared_ptr<SSL>(SSL_new(context->get()), SSL_free);
    SSL_set_fd(tls_.get(), socket_.number());
    expect_host(tls_.get(), target.host);
    for (;;) {
        ERR_clear_error();
        const auto result = SSL_connect(tls_.get());
        if (result == 1) return {};
        if (!waits(tls_.get(), result)) break;
        const bool reads = SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_READ;
        if (!is_ready(socket_.number(), reads ? POLLIN : POLLOUT)) return std::unexpected("no handshake within 5 s");
    }
    const auto verified = SSL_get_verify_result(tls_.get());
    if (verified == X509_V_OK) return std::unexpected(tls_reason());
    return std::unexpected(fmt::format(
        "{}: {}; say ?cacertfile=FILE or ?verify=verify_none", tls_reason(), X509_verify_cert_error_string(verified)
    ));
}

Transport::Moved Transport::receive(std::span<codec::wire::Byte> into) {
    if (!tls_) return moved_by(::recv(socket_.number(), into.data(), into.size(), 0));
    ERR_clear_error();
    std::size_t count = 0;
    const auto result = SSL_read_ex(tls_.get(), into.data(), into.size(), &count);
    if (result == 1) return {State::moved, count};
    return {waits(tls_.get(), result) ? State::nothing_now : State::over};
}

Transport::Moved Transport::send(codec::wire::BytesView octets) {
    if (!tls_) return moved_by(::send(socket_.number(), octets.data(), octets.size(), MSG_NOSIGNAL));
    ERR_clear_error();
    std::size_t count = 0;
    const auto result = SSL_write_ex(tls_.get(), octets.data(), octets.size(), &count);
    if (result == 1) return {State::moved, count};
    return {waits(tls_.get(), result) ? State::nothing_now : State::over};
}

}  // namespace conformance::runner
