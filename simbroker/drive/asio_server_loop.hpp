// The server's thread: takes what happens on the sockets, the timer and the operator's side to the machine, one input
// at a time, and performs what it says. Only this thread touches the machine.
#pragma once

#include <boost/asio/io_context.hpp>
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
#include "simbroker/drive/asio_server_entrance.hpp"
#include "simbroker/drive/asio_server_session.hpp"
#include "simbroker/drive/asio_server_timers.hpp"
#include "simbroker/drive/asio_server_wire.hpp"

namespace simbroker::drive {

class ServerLoop {
public:
    struct Options {
        std::string host{};
        std::uint16_t port = 0;
        std::optional<TlsOptions> tls{};
        Seed seed = 0;
        std::size_t unsent_pause = 0;
        std::size_t unsent_drop = 0;
        LinkOptions to_client{};
        LinkOptions to_server{};
        std::function<void(Instant, Event)> on_event{};
        // With a manual clock, when no client has said anything for so long in real time and something is due.
        std::function<void(const std::string&)> on_waiting{};
        std::chrono::milliseconds waiting_after{};
    };

    // Listens; throws ServerError.
    ServerLoop(boost::asio::io_context& io, TimeSource& clock, Machine& machine, Options options);

    const Entrance& entrance() const { return entrance_; }

    // Every client is told 320 and closed; then a fresh machine takes the place of the old one, at Instant zero.
    void send_all_away();
    void begin_again(Machine& fresh);

    void start();

    // Manual clock; see Server.
    void advance_to(Instant to);
    std::optional<Reached> advance_to_next();

    void inject(const Input& input) { handle(input); }
    void drop(ConnectionId);
    void change(const Wire&);
    void change(const Door& door) { entrance_.change(door.change); }
    std::vector<ConnectionId> connections() const;
    std::optional<Instant> next_deadline() const;
    std::optional<Deadline> what_is_next() const;

    // Stops in order, and starts when the clients have closed, or have had a second for it. Not settled before.
    void restart();
    bool is_restarting() const { return restarting_; }
    bool is_down() const { return down_; }

    // Calls `done` when everything is given to the sockets, or they take no more now.
    void when_settled(std::function<void()> done);

    // Refuses new clients, tells the others, and calls `done` when that is given to the sockets, or after a second.
    void shut_down(std::function<void()> done);
    void close_all();

private:
    using Sessions = std::map<ConnectionId, std::shared_ptr<Session>>;

    Entrance::Options entrance_options();
    void follow(const Event& event);
    void begin_session(std::shared_ptr<WireSocket> wire, std::unique_ptr<TlsStream> tls, const std::string& peer);
    void take_what_clients_sent();
    void handle(const Input& input);
    void perform(Outputs& outputs);
    void change_one(ConnectionId, const Wire&);
    void tell_of_congestion(const std::shared_ptr<Session>& session);
    void after_sending(ConnectionId);
    void forget(ConnectionId);
    void arm_timer();
    bool meet_next(Instant until);
    void meet_all_due();
    void finish_restart();
    void watch_waiting();
    void tell_of_waiting();
    void check_settled();
    void let_go_of_wires();

    boost::asio::io_context& io_;
    TimeSource& clock_;
    Machine* machine_;
    Options options_;
    BrokerTimers timers_;
    WireShared wires_;
    SessionShared shared_;
    Sessions sessions_;
    Entrance entrance_;
    std::set<ConnectionId> congested_;               // the broker was told so
    std::vector<std::shared_ptr<Session>> touched_;  // by the outputs being performed
    std::uint32_t next_connection_ = 1;
    boost::asio::steady_timer timer_;
    std::optional<Instant> armed_;
    boost::asio::steady_timer shutdown_timer_;
    bool shutting_down_ = false;
    boost::asio::steady_timer restart_timer_;
    bool restarting_ = false;
    boost::asio::steady_timer waiting_timer_;
    bool watches_waiting_ = false;
    TimeSource::Wall::time_point last_input_{};
    bool down_ = false;  // the broker is
    std::vector<std::function<void()>> waiting_for_settled_;
};

}  // namespace simbroker::drive
