// Where clients come in: the listening sockets, with and without TLS, handshakes, and what the door is made to do.
// Whoever gets in is handed over as a wire; the broker hears of nobody before.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simbroker/core/output.hpp"
#include "simbroker/drive/asio_server_handshake.hpp"
#include "simbroker/drive/asio_server_listener.hpp"
#include "simbroker/drive/asio_server_tls.hpp"
#include "simbroker/drive/asio_server_wire.hpp"

namespace simbroker::drive {

class Entrance {
public:
    struct Options {
        std::string host{};
        std::uint16_t port = 0;
        std::optional<TlsOptions> tls{};
        Seed seed = 0;
        std::function<void(std::shared_ptr<WireSocket>, std::unique_ptr<TlsStream>, const std::string& peer)> admit{};
        std::function<void(Event)> on_event{};
    };

    // Listens, and takes nobody before start(). Throws ServerError.
    Entrance(boost::asio::io_context& io, WireShared& wires, Options options);

    const std::string& host() const { return plain_.listeners.host; }
    std::uint16_t port() const { return plain_.listeners.port; }
    std::optional<std::uint16_t> tls_port() const;

    void start();
    void change(const door::Change& change);

    // While the broker is down nobody listens.
    void close_down();
    void open_again();
    void close_for_good();
    void begin_again();  // as it was at the start
    void send_away();    // whoever is not in yet

    // Everything that clients have done up to now: who has come, and how far their handshakes are.
    void take_what_is_there();

private:
    struct Gate {
        Listeners listeners{};
        std::optional<ClosedListeners> closed{};
        std::list<boost::asio::steady_timer> timers{};  // one a listener
        std::uint16_t first_port = 0;
    };

    Gate open_gate(std::uint16_t port);
    void wait_for_clients(Gate& gate, std::size_t listener);
    void accept_some(Gate& gate, std::size_t listener);
    void take(const Gate& gate, boost::asio::ip::tcp::socket socket);
    void look_after(const Gate& gate, std::shared_ptr<WireSocket> wire, const std::string& peer);
    void shake_hands(std::shared_ptr<WireSocket> wire, const std::string& peer);
    const TlsContext& certificate_shown() const;
    void listen_or_not();
    void set_listening(Gate& gate, bool listens);
    void move(Gate& gate, std::uint16_t port);
    void show_certificate(const std::string& name);
    std::vector<Gate*> gates();

    boost::asio::io_context& io_;
    WireShared& wires_;
    Options options_;
    Gate plain_;
    std::optional<Gate> secured_;
    std::map<std::string, TlsContext, std::less<>> certificates_;  // "": the usual one
    std::string certificate_;
    door::Change door_{};
    bool down_ = false;  // with the broker
    bool ended_ = false;
    std::uint64_t next_wire_ = 1;
    std::set<std::shared_ptr<TlsHandshake>> handshakes_;
    std::map<std::uint64_t, BrokerTimers::Handle> waiting_;  // by the number of the wire
};

}  // namespace simbroker::drive
