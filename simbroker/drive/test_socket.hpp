// A blocking TCP client for tests. Every wait ends after ten seconds at most, with a text that says what was missing.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace simbroker::drive {

class TestSocket {
public:
    enum class Family : std::uint8_t { v4, v6 };

    explicit TestSocket(std::uint16_t port, Family family = Family::v4) {
        descriptor_ = ::socket(family == Family::v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval limit{10, 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(port, family) != 0) throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    ~TestSocket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    TestSocket(TestSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    TestSocket(const TestSocket&) = delete;
    TestSocket& operator=(const TestSocket&) = delete;
    TestSocket& operator=(TestSocket&&) = delete;

    void send(std::string_view octets) const {
        while (!octets.empty()) {
            const auto count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (count <= 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
            octets.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    // Exactly so many octets.
    std::string receive(std::size_t count) const {
        std::string octets(count, '\0');
        const auto got = ::recv(descriptor_, octets.data(), count, MSG_WAITALL);
        octets.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        if (octets.size() < count) throw std::runtime_error("receive: only \"" + octets + "\" came");
        return octets;
    }

    // Everything up to and with `text`.
    std::string receive_until(std::string_view text) const {
        std::string octets;
        while (octets.find(text) == std::string::npos) octets += receive(1);
        return octets;
    }

    // What is there at once, without waiting.
    std::string receive_now() const {
        std::array<char, 65536> buffer;
        const auto got = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

    // Waits for the end: "FIN", "RST", or what came instead.
    std::string receive_end() const {
        char octet = 0;
        const auto got = ::recv(descriptor_, &octet, 1, 0);
        if (got == 0) return "FIN";
        if (got < 0) return errno == ECONNRESET ? "RST" : std::strerror(errno);
        return std::string("octet ") + octet;
    }

    // As many as the kernel takes at once.
    std::size_t send_now(std::string_view octets) const {
        const auto count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }

    // Neither end nor reset has come.
    bool is_connected() const {
        char octet = 0;
        return ::recv(descriptor_, &octet, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
    }

    int descriptor() const { return descriptor_; }

    void set_send_buffer(int octets) const { ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets); }
    void set_receive_buffer(int octets) const {
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    }

private:
    int connect(std::uint16_t port, Family family) const {
        if (family == Family::v4) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(port);
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        }
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        address.sin6_addr = in6addr_loopback;
        return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    int descriptor_ = -1;
};

}  // namespace simbroker::drive
