// One client's TLS handshake, before the broker hears of the client at all.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "simbroker/drive/asio_server_tls.hpp"

namespace simbroker::drive {

class TlsHandshake : public std::enable_shared_from_this<TlsHandshake> {
public:
    using Socket = boost::asio::ip::tcp::socket;

    // Called once, on the server's thread. `failure` is empty where all went well.
    using Done = std::function<void(Socket, std::unique_ptr<TlsStream>, const std::string& failure)>;

    TlsHandshake(Socket socket, const TlsContext& context, Done done);

    void start();
    void cancel();  // `done` is not called any more

private:
    void go_on();
    void wait(Socket::wait_type readiness);
    void finish(const std::string& failure);

    Socket socket_;
    std::unique_ptr<TlsStream> stream_;
    boost::asio::steady_timer timer_;
    Done done_;
};

}  // namespace simbroker::drive
