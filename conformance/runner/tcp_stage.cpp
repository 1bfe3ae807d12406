#include "conformance/runner/tcp_stage.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace conformance::runner {

using step::Arrival;
using step::Instant;
using step::LineId;

namespace {

constexpr int write_patience = 10000;  // milliseconds
constexpr std::size_t most_read_at_once = 1 << 18;

std::uint16_t local_port(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    // The port stands at the same place in addresses of both families.
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

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
        auto socket = Transport::connect(*address, target_);
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
        waiting.push_back({socket.descriptor(), events, 0});
        ids.push_back(id);
    }
    if (::poll(waiting.data(), waiting.size(), milliseconds) <= 0) return;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        if ((waiting[i].revents & ~POLLOUT) != 0) read(ids[i]);
    }
}

void TcpStage::read(LineId id) {
    static thread_local std::array<codec::wire::Byte, most_read_at_once> buffer;
    const auto moved = sockets_.at(id).receive(buffer);
    if (moved.state == Transport::State::moved) {
        const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(moved.octets);
        arrivals_.push_back({.kind = Arrival::Kind::received, .line = id, .octets = {buffer.begin(), end}});
        return;
    }
    if (moved.state == Transport::State::nothing_now) return;
    sockets_.erase(id);
    arrivals_.push_back({.kind = Arrival::Kind::ended, .line = id});
}

void TcpStage::send(LineId id, codec::wire::BytesView octets) {
    while (!octets.empty()) {
        const auto socket = sockets_.find(id);
        if (socket == sockets_.end()) return;
        const auto moved = socket->second.send(octets);
        octets = octets.subspan(moved.octets);
        if (moved.state == Transport::State::over) return;  // it is gone; reading will say so
        // The peer may be waiting for us to read before it reads on.
        if (moved.state == Transport::State::nothing_now) poll(write_patience, id);
    }
}

step::Outcome TcpStage::operate(const simbroker::Input& input) {
    if (!target_.operator_command) {
        return step::unsupported("how to speak to this broker's operator is not known; say it with --operator");
    }
    std::uint16_t port = 0;
    if (const auto* close = std::get_if<simbroker::CloseConnection>(&input)) {
        if (const auto socket = sockets_.find(close->connection); socket != sockets_.end()) {
            port = local_port(socket->second.descriptor());
        }
    }
    if (!OperatorCommand::can(input)) return step::unsupported("no operator of a real broker can do this");
    const auto done = target_.operator_command->perform(input, port);
    return done ? step::Outcome() : step::inconclusive("the operator: " + done.error());
}

}  // namespace conformance::runner
