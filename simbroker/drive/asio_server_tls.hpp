// TLS for the server's connections: what is configured, the handshake, and octets through it. OpenSSL works directly on
// the non-blocking wire, so that a Session waits for readiness as it does without TLS and no octet hides in between.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/input.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/asio_server_wire.hpp"

// OpenSSL's types, without its headers in everybody's way.
struct ssl_st;
struct ssl_ctx_st;

namespace simbroker::drive {

// One handshake and what comes after it, on one wire.
class TlsStream {
public:
    TlsStream(ssl_ctx_st& context, std::shared_ptr<WireSocket> wire);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    enum class Handshake : std::uint8_t { done, wants_to_read, wants_to_write, failed };
    Handshake shake_hands();
    const std::string& failure() const { return failure_; }
    TlsFacts facts() const;  // when the handshake is done

    // As the calls of a socket: would_block when there is nothing to read, or no room; eof at the end.
    std::size_t read(std::span<codec::wire::Byte> into, boost::system::error_code& error);
    bool has_octets() const;  // that were taken off the socket and not read yet
    std::size_t write(codec::wire::BytesView octets, boost::system::error_code& error);

    // A write that found no room has to be tried again with as many octets as before, or more.
    std::size_t least_to_write() const { return least_to_write_; }

    void say_goodbye();  // close_notify, if there is room for it

private:
    boost::system::error_code error_of(int result);

    std::shared_ptr<WireSocket> wire_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    std::string failure_;
    std::size_t least_to_write_ = 0;
};

// What all connections of a listener share: certificate, key and whom to trust.
class TlsContext {
public:
    // Throws ServerError: a file is missing, a key is another's ...
    TlsContext(const TlsOptions& options, const TlsCertificate& shown);

    std::unique_ptr<TlsStream> stream(std::shared_ptr<WireSocket> wire) const {
        return std::make_unique<TlsStream>(*context_, std::move(wire));
    }

private:
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

}  // namespace simbroker::drive
