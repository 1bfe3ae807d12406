// HTTP on the server's thread: reads requests, asks for the token, hands them to the API, writes what it says, and
// passes events on to those who listen. It knows nothing of brokers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "simbroker/control/api.hpp"
#include "simbroker/drive/asio_server_listener.hpp"
#include "simbroker/drive/timed_event.hpp"

namespace simbroker::drive {

class HttpSession;

class HttpServer {
public:
    struct Options {
        std::string token{};  // asked of every request; empty: of none
        // Answers by calling the second argument, now or later, on this thread.
        std::function<void(const control::Request&, std::function<void(control::Response)>)> answer;
        std::function<std::vector<TimedEvent>(std::uint64_t since)> events;
    };

    // Throws ServerError where anybody on a network could ask, and needs no token.
    HttpServer(boost::asio::io_context& io, Listeners listeners, Options options);
    ~HttpServer();

    void start();
    void close();  // the listening sockets and all connections
    void publish(const TimedEvent& event);

    const std::string& host() const { return listeners_.host; }
    std::uint16_t port() const { return listeners_.port; }

    // For its sessions.
    const Options& options() const { return options_; }
    void forget(const std::shared_ptr<HttpSession>& session) { sessions_.erase(session); }

private:
    void accept(std::size_t listener);

    boost::asio::io_context& io_;
    Listeners listeners_;
    Options options_;
    std::set<std::shared_ptr<HttpSession>> sessions_;
};

}  // namespace simbroker::drive
