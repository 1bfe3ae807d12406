// Opens the listening sockets of a server, or says in one sentence why it cannot.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace simbroker::drive {

struct Listeners {
    std::vector<boost::asio::ip::tcp::acceptor> acceptors{};  // all on the same port
    std::string host{};                                       // by which a client on this machine reaches the first
    std::uint16_t port = 0;
};

// `host` empty: 127.0.0.1, and ::1 where the machine has it. Throws ServerError.
Listeners listen(boost::asio::io_context& io, const std::string& host, std::uint16_t port);

// A broker that is down: clients are refused until it listens again, on the same endpoints. Throws ServerError if
// somebody took a port meanwhile.
class ClosedListeners {
public:
    explicit ClosedListeners(Listeners& listeners);
    void listen_again(boost::asio::io_context& io);

private:
    Listeners& listeners_;
    std::vector<boost::asio::ip::tcp::endpoint> endpoints_;
};

// Sockets are not for programs that somebody starts meanwhile.
void close_on_exec(int descriptor);

}  // namespace simbroker::drive
