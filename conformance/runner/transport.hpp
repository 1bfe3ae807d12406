// One connection to a broker over TCP, plain or through TLS, read and written without ever blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

#include "codec/wire/bytes.hpp"
#include "conformance/runner/file_descriptor.hpp"
#include "conformance/runner/tcp_target.hpp"

struct addrinfo;
struct ssl_st;

namespace conformance::runner {

class Transport {
public:
    enum class State : std::uint8_t { moved, nothing_now, over };
    struct Moved {
        State state{};
        std::size_t octets = 0;
    };

    // Connected, and with TLS greeted; or why not. Takes 5 s at most for each of the two.
    static std::expected<Transport, std::string> connect(const addrinfo& address, const TcpTarget& target);

    int descriptor() const { return socket_.number(); }
    Moved receive(std::span<codec::wire::Byte> into);
    Moved send(codec::wire::BytesView octets);

private:
    explicit Transport(FileDescriptor socket) : socket_(std::move(socket)) {}
    std::expected<void, std::string> secure(const TcpTarget& target);

    FileDescriptor socket_;
    std::shared_ptr<ssl_st> tls_;
};

}  // namespace conformance::runner
