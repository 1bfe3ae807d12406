#include "conformance/runner/tcp_stage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace conformance::runner {

using step::Arrival;
using step::Instant;
using step::LineId;

namespace {

constexpr int connect_patience = 5000;  // milliseconds
constexpr int write_patience = 10000;
constexpr std::size_t most_read_at_once = 1 << 18;

std::expected<FileDescriptor, std::string> connect_to(const addrinfo& address) {
    FileDescriptor socket(
        ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol)
    );
    if (!socket.open()) return std::unexpected(std::strerror(errno));
    if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) {
        return std::unexpected(std::strerror(errno));
    }
    pollfd waiting{socket.number(), POLLOUT, 0};
    if (::poll(&waiting, 1, connect_patience) != 1) return std::unexpected("no connection within 5 s");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return std::unexpected(std::strerror(error));
    const int at_once = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    return socket;
}

std::expected<std::string, std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const std::string digits(text.substr(i + 1, 2));
        char* end = nullptr;
        const auto value = std::strtoul(digits.c_str(), &end, 16);
        if (digits.size() != 2 || end != digits.c_str() + 2) {
            return std::unexpected(fmt::format("'%{}' is no percent-encoded octet", digits));
        }
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

std::uint16_t local_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    // The port stands at the same place in addresses of both families.
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

std::expected<TcpTarget, std::string> TcpTarget::parse(std::string_view url) {
    const auto wrong = [&](std::string_view why) {
        return std::unexpected(fmt::format("'{}': {}; expected amqp://user:password@host:port/vhost", url, why));
    };
    TcpTarget target;
    auto rest = url;
    if (!rest.starts_with("amqp://")) return wrong("it does not begin with amqp://");
    rest.remove_prefix(7);
    rest = rest.substr(0, rest.find('?'));  // options of a client's own
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto account = rest.substr(0, at);
        const auto colon = account.find(':');
        const auto user = percent_decoded(account.substr(0, colon));
        const auto password = percent_decoded(colon == std::string_view::npos ? "" : account.substr(colon + 1));
        if (!user || !password) return wrong("user and password cannot be read");
        target.login.user = *user;
        target.login.password = *password;
        rest.remove_prefix(at + 1);
    }
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        const auto vhost = percent_decoded(rest.substr(slash + 1));
        if (!vhost) return wrong(vhost.error());
        if (!vhost->empty()) target.login.vhost = *vhost;
        rest = rest.substr(0, slash);
    }
    if (const auto colon = rest.rfind(':'); colon != std::string_view::npos && !rest.ends_with(']')) {
        const std::string digits(rest.substr(colon + 1));
        char* end = nullptr;
        const auto port = std::strtoul(digits.c_str(), &end, 10);
        if (digits.empty() || *end != '\0' || port == 0 || port > 65535)
            return wrong("the port is no number from 1 to 65535");
        target.port = static_cast<std::uint16_t>(port);
        rest = rest.substr(0, colon);
    }
    if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
    if (rest.empty()) return wrong("the host is missing");
    target.host = rest;
    return target;
}

std::expected<LineId, step::Trouble> TcpStage::open() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const auto port = std::to_string(target_.port);
    if (const auto error = ::getaddrinfo(target_.host.c_str(), port.c_str(), &hints, &found); error != 0) {
        return step::inconclusive(fmt::format("{}: {}", target_.host, ::gai_strerror(error)));
    }
    std::string why = "no address";
    for (const auto* address = found; address != nullptr; address = address->ai_next) {
        auto socket = connect_to(*address);
        if (!socket) {
            why = socket.error();
            continue;
        }
        ::freeaddrinfo(found);
        const LineId id{next_id_++};
        sockets_.emplace(id, std::move(*socket));
        return id;
    }
    ::freeaddrinfo(found);
    return step::inconclusive(fmt::format("no connection to {}:{}: {}", target_.host, target_.port, why));
}

bool TcpStage::wait(Instant until) {
    // Rounded up milliseconds may end a little after `until`; a step's patience is not that exact.
    poll(clock_.milliseconds_until(until), {});
    return !arrivals_.empty();
}

void TcpStage::poll(int milliseconds, LineId wants_to_write) {
    std::vector<pollfd> waiting;
    std::vector<LineId> ids;
    for (const auto& [id, socket] : sockets_) {
        const short events = id == wants_to_write ? POLLIN | POLLOUT : POLLIN;
        waiting.push_back({socket.number(), events, 0});
        ids.push_back(id);
    }
    if (::poll(waiting.data(), waiting.size(), milliseconds) <= 0) return;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        if ((waiting[i].revents & ~POLLOUT) != 0) read(ids[i]);
    }
}

void TcpStage::read(LineId id) {
    static thread_local std::array<codec::wire::Byte, most_read_at_once> buffer;
    const auto count = ::recv(sockets_.at(id).number(), buffer.data(), buffer.size(), 0);
    if (count > 0) {
        arrivals_.push_back(
            {.kind = Arrival::Kind::received, .line = id, .octets = {buffer.begin(), buffer.begin() + count}}
        );
        return;
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    sockets_.erase(id);
    arrivals_.push_back({.kind = Arrival::Kind::ended, .line = id});
}

void TcpStage::send(LineId id, codec::wire::BytesView octets) {
    while (!octets.empty()) {
        const auto socket = sockets_.find(id);
        if (socket == sockets_.end()) return;
        const auto count = ::send(socket->second.number(), octets.data(), octets.size(), MSG_NOSIGNAL);
        if (count > 0) {
            octets = octets.subspan(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN || errno == EINTR) {
            // The peer may be waiting for us to read before it reads on.
            poll(write_patience, id);
        } else {
            return;  // it is gone; reading will say so
        }
    }
}

step::Outcome TcpStage::operate(const simbroker::Input& input) {
    if (!target_.operator_command) {
        return step::unsupported("how to speak to this broker's operator is not known; say it with --operator");
    }
    std::uint16_t port = 0;
    if (const auto* close = std::get_if<simbroker::CloseConnection>(&input)) {
        if (const auto socket = sockets_.find(close->connection); socket != sockets_.end()) {
            port = local_port(socket->second.number());
        }
    }
    const auto done = target_.operator_command->perform(input, port);
    return done ? step::Outcome() : step::inconclusive("the operator: " + done.error());
}

}  // namespace conformance::runner
