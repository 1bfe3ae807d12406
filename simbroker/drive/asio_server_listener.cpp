// Resolving, binding and listening.
#include "simbroker/drive/asio_server_listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/ip/v6_only.hpp>

#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string shown(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address().to_string();
    return fmt::format(
        "{}:{}", endpoint.address().is_v6() ? "[" + address + "]" : address, static_cast<unsigned>(endpoint.port())
    );
}

[[noreturn]] void cannot_listen(const std::string& where, const std::string& why) {
    throw ServerError(ServerError::Kind::cannot_listen, fmt::format("cannot listen on {}: {}", where, why));
}

std::string reason(const error_code& error) {
    if (error == asio::error::address_in_use) return "the port is in use by another program";
    return error.message();
}

struct Opened {
    tcp::acceptor acceptor;
    error_code error;
};

Opened open(asio::io_context& io, const tcp::endpoint& endpoint) {
    tcp::acceptor acceptor(io);
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (error) return {std::move(acceptor), error};
    close_on_exec(acceptor.native_handle());
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor.non_blocking(true, error);
    return {std::move(acceptor), error};
}

bool is_missing_protocol(const error_code& error) {
    return error == asio::error::address_family_not_supported || error.value() == EADDRNOTAVAIL;
}

enum class Missing : std::uint8_t { is_an_error, is_skipped };

// All endpoints on one port. With a free port (0) the kernel chooses for the first endpoint, and may choose one that
// the next cannot have: then the result is empty and another try is due.
std::vector<tcp::acceptor> open_all(
    asio::io_context& io, const std::vector<tcp::endpoint>& endpoints, std::uint16_t port, Missing missing
) {
    std::vector<tcp::acceptor> acceptors;
    auto common = port;
    for (auto endpoint : endpoints) {
        endpoint.port(common);
        auto [acceptor, error] = open(io, endpoint);
        if (error == asio::error::address_in_use && port == 0 && common != 0) return {};
        if (error && missing == Missing::is_skipped && is_missing_protocol(error)) continue;
        if (error) cannot_listen(shown(endpoint), reason(error));
        common = acceptor.local_endpoint().port();
        acceptors.push_back(std::move(acceptor));
    }
    return acceptors;
}

std::vector<tcp::endpoint> resolve(asio::io_context& io, const std::string& host) {
    error_code error;
    const auto found = tcp::resolver(io).resolve(host, "0", tcp::resolver::passive, error);
    if (error) cannot_listen("\"" + host + "\"", fmt::format("not an address of this machine ({})", error.message()));
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry : found) endpoints.push_back(entry.endpoint());
    return endpoints;
}

std::string host_for_clients(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    if (!address.is_unspecified()) return address.to_string();
    return address.is_v6() ? "::1" : "127.0.0.1";
}

}  // namespace

ClosedListeners::ClosedListeners(Listeners& listeners) : listeners_(listeners) {
    error_code ignored;
    for (auto& acceptor : listeners.acceptors) {
        endpoints_.push_back(acceptor.local_endpoint());
        acceptor.close(ignored);
    }
}

void ClosedListeners::listen_again(asio::io_context& io) {
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
        auto [acceptor, error] = open(io, endpoints_[i]);
        if (error) cannot_listen(shown(endpoints_[i]), reason(error));
        listeners_.acceptors[i] = std::move(acceptor);
    }
}

void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

Listeners listen(asio::io_context& io, const std::string& host, std::uint16_t port) {
    const bool loopback = host.empty();
    const auto endpoints =
        loopback
            ? std::vector<tcp::endpoint>{{asio::ip::address_v4::loopback(), 0}, {asio::ip::address_v6::loopback(), 0}}
            : resolve(io, host);
    constexpr int tries = 20;
    for (int i = 0; i < tries; ++i) {
        auto acceptors = open_all(io, endpoints, port, loopback ? Missing::is_skipped : Missing::is_an_error);
        if (acceptors.empty()) continue;
        const auto first = acceptors.front().local_endpoint();
        return {std::move(acceptors), host_for_clients(first), first.port()};
    }
    cannot_listen(host.empty() ? "127.0.0.1 and ::1" : host, "found no port that is free on every address");
}

}  // namespace simbroker::drive
