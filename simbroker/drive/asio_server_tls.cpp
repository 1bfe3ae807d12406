// OpenSSL behind the words of asio_server_tls.hpp.
#include "simbroker/drive/asio_server_tls.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/certificate_names.hpp"

namespace simbroker::drive {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Why OpenSSL failed at what was tried last.
std::string reason() {
    const auto first = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(first)) return std::generic_category().message(ERR_GET_REASON(first));
    const auto code = ERR_peek_last_error();
    if (code == 0) return "the connection ended";
    const auto* text = ERR_reason_error_string(code);
    return text ? text : fmt::format("OpenSSL error {:#x}", code);
}

[[noreturn]] void refuse(std::string_view what, const std::filesystem::path& file) {
    throw ServerError(
        ServerError::Kind::cannot_listen, fmt::format("cannot use the {} {}: {}", what, file.string(), reason())
    );
}

int mode_of(PeerVerification verification) {
    switch (verification) {
        case PeerVerification::none: return SSL_VERIFY_NONE;
        case PeerVerification::peer: return SSL_VERIFY_PEER;
        case PeerVerification::required: return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    }
    return SSL_VERIFY_NONE;
}

}  // namespace

// ---- OpenSSL on a wire

namespace {

WireSocket& wire_of(BIO* bio) { return *static_cast<WireSocket*>(BIO_get_data(bio)); }

// What OpenSSL makes of the end of a call: try again, the end, or an error.
int outcome(BIO* bio, const error_code& error, int retry) {
    BIO_clear_retry_flags(bio);
    if (!error) return 1;
    if (error == asio::error::would_block) BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    if (error == asio::error::eof) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    errno = error == asio::error::eof || error == asio::error::would_block ? 0 : ECONNRESET;
    return 0;
}

int read_wire(BIO* bio, char* into, std::size_t size, std::size_t* count) {
    error_code error;
    *count = wire_of(bio).read({reinterpret_cast<codec::wire::Byte*>(into), size}, error);
    return outcome(bio, error, BIO_FLAGS_READ);
}

int write_wire(BIO* bio, const char* from, std::size_t size, std::size_t* count) {
    error_code error;
    const asio::const_buffer octets(from, size);
    *count = wire_of(bio).write(std::span(&octets, 1), error);
    return outcome(bio, error, BIO_FLAGS_WRITE);
}

long control_wire(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* wire_method() {
    static BIO_METHOD* const method = [] {
        auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
        BIO_meth_set_read_ex(made, read_wire);
        BIO_meth_set_write_ex(made, write_wire);
        BIO_meth_set_ctrl(made, control_wire);
        return made;
    }();
    return method;
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options, const TlsCertificate& shown)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    ERR_clear_error();
    auto* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // No sessions to resume: each connection shows its certificate.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    const auto& certificate = shown.certificate;
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) refuse("certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(context, shown.key.c_str(), SSL_FILETYPE_PEM) != 1) refuse("key", shown.key);
    if (!options.authority.empty()) {
        const auto* file = options.authority.c_str();
        if (SSL_CTX_load_verify_locations(context, file, nullptr) != 1) refuse("authority", options.authority);
        if (options.verification != PeerVerification::none) {
            SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
        }
    }
    SSL_CTX_set_verify(context, mode_of(options.verification), nullptr);
}

TlsStream::TlsStream(ssl_ctx_st& context, std::shared_ptr<WireSocket> wire)
    : wire_(std::move(wire)), ssl_(SSL_new(&context), SSL_free) {
    auto* bio = BIO_new(wire_method());
    BIO_set_data(bio, wire_.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

TlsStream::Handshake TlsStream::shake_hands() {
    ERR_clear_error();
    const auto result = SSL_accept(ssl_.get());
    if (result == 1) return Handshake::done;
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return Handshake::wants_to_read;
        case SSL_ERROR_WANT_WRITE: return Handshake::wants_to_write;
        default: break;
    }
    failure_ = reason();
    const auto verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) failure_ += fmt::format(": {}", X509_verify_cert_error_string(verified));
    return Handshake::failed;
}

TlsFacts TlsStream::facts() const {
    TlsFacts facts;
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    if (certificate) facts.certificate = names_in(*certificate);
    return facts;
}

error_code TlsStream::error_of(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return asio::error::would_block;
        case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
        default: break;
    }
    // A peer that closes without close_notify has closed all the same.
    const auto code = ERR_peek_last_error();
    const bool plain_end = code == 0 ? errno == 0 : ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    return plain_end ? error_code(asio::error::eof) : error_code(asio::error::connection_reset);
}

std::size_t TlsStream::read(std::span<codec::wire::Byte> into, error_code& error) {
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    const auto result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
    error = result == 1 ? error_code{} : error_of(result);
    return count;
}

bool TlsStream::has_octets() const { return SSL_pending(ssl_.get()) > 0; }

std::size_t TlsStream::write(codec::wire::BytesView octets, error_code& error) {
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    const auto result = SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &count);
    error = result == 1 ? error_code{} : error_of(result);
    least_to_write_ = error == asio::error::would_block ? octets.size() : 0;
    return count;
}

void TlsStream::say_goodbye() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
}

}  // namespace simbroker::drive
