// One client's TLS handshake, before the broker hears of the client at all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "simbroker/drive/asio_server_tls.hpp"
#include "simbroker/drive/asio_server_wire.hpp"

namespace simbroker::drive {

class TlsHandshake : public std::enable_shared_from_this<TlsHandshake> {
public:
    // Called once, on the server's thread. `failure` is empty where all went well.
    using Done =
        std::function<void(std::shared_ptr<WireSocket>, std::unique_ptr<TlsStream>, const std::string& failure)>;

    TlsHandshake(std::shared_ptr<WireSocket> wire, const TlsContext& context, WireShared& shared, Done done);
    ~TlsHandshake();

    void start();
    void go_on();   // with what the client has sent by now
    void cancel();  // `done` is not called any more

private:
    void finish(const std::string& failure);
    void wait(void (WireSocket::*for_what)(WireSocket::Handler));

    std::shared_ptr<WireSocket> wire_;
    std::unique_ptr<TlsStream> stream_;
    WireShared& shared_;
    BrokerTimers::Handle timer_;
    Done done_;
    bool waits_ = false;
};

}  // namespace simbroker::drive
