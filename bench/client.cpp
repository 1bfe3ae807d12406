// Sockets that block, and a limit to how long.
#include "bench/client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {

using namespace codec::amqp091;

namespace {

constexpr time_t patience = 20;  // seconds without any progress
constexpr std::size_t read_size = std::size_t{256} << 10;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

}  // namespace

Client::Client(const std::string& host, std::uint16_t port, const simbroker::drive::Login& login)
    : splitter_(login.frame_max) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        throw std::runtime_error(fmt::format("host: expected an IPv4 address, got \"{}\"", host));
    }
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) fail("socket");
    const timeval limit{patience, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail(fmt::format("connecting to {}:{}", host, port));
    }
    send(simbroker::drive::login_octets(login));
    wait_for(channel::OpenOk::id);
    Bytes().swap(buffer_);  // ten thousand of us may have nothing more to read
}

Client::~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Client::Client(Client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      splitter_(std::move(other.splitter_)),
      buffer_(std::move(other.buffer_)) {}

void Client::send(BytesView octets) {
    while (!octets.empty()) {
        const auto count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (count <= 0) fail("sending");
        octets = octets.subspan(static_cast<std::size_t>(count));
    }
}

void Client::call(const Method& method, MethodId answer) {
    Bytes octets;
    append_method(octets, ChannelNumber{1}, method);
    send(octets);
    wait_for(answer);
}

Frame Client::next_frame() {
    for (;;) {
        if (const auto frame = splitter_.next()) {
            if (!*frame) throw std::runtime_error("not AMQP: " + to_string(frame->error()));
            return **frame;
        }
        if (buffer_.empty()) buffer_.resize(read_size);
        const auto count = ::recv(descriptor_, buffer_.data(), buffer_.size(), 0);
        if (count == 0) throw std::runtime_error("the broker closed the connection");
        if (count < 0) fail("receiving");
        splitter_.feed({buffer_.data(), static_cast<std::size_t>(count)});
    }
}

void Client::wait_for(MethodId wanted) {
    for (;;) {
        const auto frame = next_frame();
        if (frame.type != frame_type::method) continue;
        const auto id = peek_method_id(frame.payload);
        if (id == wanted) return;
        if (id == connection::Close::id || id == channel::Close::id) {
            const auto method = decode_method(frame.payload);
            throw std::runtime_error("refused: " + (method ? to_string(*method) : "a malformed close"));
        }
    }
}

}  // namespace bench
