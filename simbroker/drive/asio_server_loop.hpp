// The server's thread: takes what happens on the sockets, the timer and the operator's side to the machine, one input
// at a time, and performs what it says. Only this thread touches the machine.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simbroker/core/machine.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/asio_server_clock.hpp"
#include "simbroker/drive/asio_server_handshake.hpp"
#include "simbroker/drive/asio_server_listener.hpp"
#include "simbroker/drive/asio_server_session.hpp"

namespace simbroker::drive {

class ServerLoop {
public:
    struct Options {
        Seed seed = 0;
        std::size_t unsent_pause = 0;
        std::size_t unsent_drop = 0;
        WriteShape write_shape{};
        std::function<void(Instant, Event)> on_event{};
        const TlsContext* tls = nullptr;  // of the listeners from `first_tls_listener` on
        std::size_t first_tls_listener = 0;
        // With a manual clock, when no client has said anything for so long in real time and something is due.
        std::function<void(const std::string&)> on_waiting{};
        std::chrono::milliseconds waiting_after{};
    };

    ServerLoop(boost::asio::io_context& io, Listeners listeners, TimeSource& clock, Machine& machine, Options options);

    // Every client is told 320 and closed; then a fresh machine takes the place of the old one, at Instant zero.
    void send_all_away();
    void begin_again(Machine& fresh);

    void start();

    // Manual clock; see Server.
    void advance_to(Instant to);
    std::optional<Reached> advance_to_next();

    void inject(const Input& input) { handle(input); }
    void drop(ConnectionId);
    void set_write_shape(WriteShape shape) { shared_.write_shape = shape; }
    std::vector<ConnectionId> connections() const;
    std::optional<Instant> next_deadline() const { return machine_->next_deadline(); }
    std::optional<Deadline> what_is_next() const { return machine_->what_is_next(); }

    // Stops in order, and starts when the clients have closed, or have had a second for it. Not settled before.
    void restart();
    bool is_restarting() const { return restarting_; }
    bool is_down() const { return down_.has_value(); }

    // Calls `done` when everything is given to the sockets, or they take no more now.
    void when_settled(std::function<void()> done);

    // Refuses new clients, tells the others, and calls `done` when that is given to the sockets, or after a second.
    void shut_down(std::function<void()> done);
    void close_all();

private:
    using Sessions = std::map<ConnectionId, std::shared_ptr<Session>>;

    void follow(const Event& event);
    void wait_for_clients(std::size_t listener);
    void accept_some(std::size_t listener);
    void admit(std::size_t listener, boost::asio::ip::tcp::socket socket);
    void shake_hands(boost::asio::ip::tcp::socket socket, const std::string& peer);
    void begin_session(boost::asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls, const std::string& peer);
    void take_what_clients_sent();
    void handle(const Input& input);
    void perform(Outputs& outputs);
    void tell_of_congestion(const std::shared_ptr<Session>& session);
    void after_sending(ConnectionId);
    void forget(ConnectionId);
    void arm_timer();
    void reach_deadline();
    void finish_restart();
    void watch_waiting();
    void tell_of_waiting();
    void listen_again();
    void check_settled();

    boost::asio::io_context& io_;
    Listeners listeners_;
    TimeSource& clock_;
    Machine* machine_;
    Options options_;
    SessionShared shared_;
    Sessions sessions_;
    std::set<ConnectionId> congested_;  // the broker was told so
    std::set<std::shared_ptr<TlsHandshake>> handshakes_;
    std::vector<std::shared_ptr<Session>> touched_;  // by the outputs being performed
    std::uint32_t next_connection_ = 1;
    boost::asio::steady_timer timer_;
    std::optional<Instant> armed_;
    std::vector<boost::asio::steady_timer> accept_timers_;  // one a listener
    boost::asio::steady_timer shutdown_timer_;
    bool shutting_down_ = false;
    boost::asio::steady_timer restart_timer_;
    bool restarting_ = false;
    boost::asio::steady_timer waiting_timer_;
    bool watches_waiting_ = false;
    TimeSource::Wall::time_point last_input_{};
    std::optional<ClosedListeners> down_;  // while the broker is
    std::vector<std::function<void()>> waiting_for_settled_;
};

}  // namespace simbroker::drive
