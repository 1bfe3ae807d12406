// Inputs in, outputs out, on the server's one thread.
#include "simbroker/drive/asio_server_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "simbroker/core/hold.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_buffer_size = std::size_t{8} << 10;

// What a client can have sent before advance(): more than a socket holds.
constexpr int most_reads_to_catch_up = 256;

constexpr int most_accepted_in_a_row = 16;

// Out of descriptors: try again when some connection may have ended.
constexpr auto accept_again_after = std::chrono::milliseconds(10);

constexpr auto shutdown_at_most = std::chrono::seconds(1);

std::string shown(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address().to_string();
    const auto port = static_cast<unsigned>(endpoint.port());
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace

ServerLoop::ServerLoop(asio::io_context& io, Listeners listeners, TimeSource& clock, Machine& machine, Options options)
    : io_(io),
      listeners_(std::move(listeners)),
      clock_(clock),
      machine_(&machine),
      options_(std::move(options)),
      timer_(io),
      shutdown_timer_(io),
      restart_timer_(io),
      waiting_timer_(io) {
    for (std::size_t i = 0; i < listeners_.acceptors.size(); ++i) accept_timers_.emplace_back(io_);
    shared_.unsent_pause = options_.unsent_pause;
    shared_.unsent_drop = options_.unsent_drop;
    shared_.write_shape = options_.write_shape;
    shared_.read_buffer.resize(read_buffer_size);
    shared_.on_received = [this](ConnectionId id, codec::wire::BytesView bytes) { handle(Received{id, bytes}); };
    shared_.on_gone = [this](ConnectionId id) {
        forget(id);
        handle(Disconnected{id});
    };
    shared_.on_closed = [this](ConnectionId id) { forget(id); };
    shared_.on_sent = [this](ConnectionId id) { after_sending(id); };
}

void ServerLoop::start() {
    for (std::size_t i = 0; i < listeners_.acceptors.size(); ++i) wait_for_clients(i);
    arm_timer();
}

// Where the broker is down, nobody listens; and whom an alarm holds back is not read, so that its own transport fills
// up.
void ServerLoop::follow(const Event& event) {
    if (event.kind == Event::Kind::broker_stopped && !shutting_down_ && !down_) down_.emplace(listeners_);
    if (event.kind == Event::Kind::broker_started) listen_again();
    const auto hold = hold_in(event);
    const auto found = sessions_.find(event.connection);
    if (!hold || found == sessions_.end()) return;
    *hold == Hold::begins ? found->second->hold_back() : found->second->go_on();
}

void ServerLoop::listen_again() {
    if (!down_) return;
    down_->listen_again(io_);
    down_.reset();
    for (std::size_t i = 0; i < listeners_.acceptors.size(); ++i) wait_for_clients(i);
}

// ---- clients

void ServerLoop::wait_for_clients(std::size_t listener) {
    listeners_.acceptors[listener].async_wait(tcp::acceptor::wait_read, [this, listener](const error_code& error) {
        if (error || shutting_down_ || down_) return;
        accept_some(listener);
    });
}

// Those who are in have their turn after every few that come: who comes and goes in a loop is let go as fast.
void ServerLoop::accept_some(std::size_t listener) {
    auto& acceptor = listeners_.acceptors[listener];
    error_code error;
    for (int i = 0; i < most_accepted_in_a_row && !error; ++i) {
        auto socket = acceptor.accept(io_, error);
        if (error == asio::error::connection_aborted)
            error.clear();
        else if (!error)
            admit(listener, std::move(socket));
    }
    if (!error || error == asio::error::would_block) {
        wait_for_clients(listener);
        return;
    }
    accept_timers_[listener].expires_after(accept_again_after);
    accept_timers_[listener].async_wait([this, listener](const error_code& stopped) {
        if (!stopped) wait_for_clients(listener);
    });
}

void ServerLoop::admit(std::size_t listener, tcp::socket socket) {
    error_code error;
    const auto peer = socket.remote_endpoint(error);
    if (error) return;  // it has left already
    if (options_.tls && listener >= options_.first_tls_listener) {
        shake_hands(std::move(socket), shown(peer));
    } else {
        begin_session(std::move(socket), nullptr, shown(peer));
    }
}

void ServerLoop::shake_hands(tcp::socket socket, const std::string& peer) {
    auto place = std::make_shared<std::weak_ptr<TlsHandshake>>();
    const auto handshake = std::make_shared<TlsHandshake>(
        std::move(socket),
        *options_.tls,
        [this, peer, place](tcp::socket done, std::unique_ptr<TlsStream> tls, const std::string& failure) {
            handshakes_.erase(place->lock());
            if (shutting_down_ || down_) return;
            if (failure.empty()) return begin_session(std::move(done), std::move(tls), peer);
            if (options_.on_event) {
                Event event{.kind = Event::Kind::tls_handshake_failed, .subject = peer, .detail = failure};
                options_.on_event(clock_.now(), std::move(event));
            }
        }
    );
    *place = handshake;
    handshakes_.insert(handshake);
    handshake->start();
}

void ServerLoop::begin_session(tcp::socket socket, std::unique_ptr<TlsStream> tls, const std::string& peer) {
    const ConnectionId id{next_connection_++};
    auto chance = Prng::fork(options_.seed, fmt::format("socket {}", id.value));
    Connected connected{id, peer};
    if (tls) connected.tls = tls->facts();
    const auto session = std::make_shared<Session>(std::move(socket), std::move(tls), id, shared_, chance);
    sessions_.emplace(id, session);
    handle(connected);
    session->wait_for_octets();
}

void ServerLoop::forget(ConnectionId id) {
    sessions_.erase(id);
    congested_.erase(id);
    if (restarting_ && sessions_.empty()) asio::post(io_, [this] { finish_restart(); });
    check_settled();
}

void ServerLoop::drop(ConnectionId id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    found->second->reset();
    forget(id);
    handle(Disconnected{id});
}

std::vector<ConnectionId> ServerLoop::connections() const {
    std::vector<ConnectionId> ids;
    for (const auto& [id, session] : sessions_) {
        if (session->is_open()) ids.push_back(id);
    }
    return ids;
}

// ---- inputs and outputs

void ServerLoop::handle(const Input& input) {
    auto outputs = machine_->handle(clock_.now(), input);
    perform(outputs);
    arm_timer();
    if (options_.on_waiting && clock_.is_manual()) watch_waiting();
}

void ServerLoop::perform(Outputs& outputs) {
    touched_.clear();
    const auto session_of = [this](ConnectionId id) {
        const auto found = sessions_.find(id);
        return found == sessions_.end() ? nullptr : found->second;
    };
    for (auto& output : outputs) {
        if (auto* event = std::get_if<Event>(&output)) {
            follow(*event);
            if (options_.on_event) options_.on_event(clock_.now(), std::move(*event));
        } else if (auto* send = std::get_if<Send>(&output)) {
            if (const auto session = session_of(send->connection)) {
                session->send(std::move(send->bytes));
                touched_.push_back(session);
            }
        } else if (const auto session = session_of(std::get<Close>(output).connection)) {
            session->close_after_sending();
        }
    }
    const auto touched = std::exchange(touched_, {});
    for (const auto& session : touched) session->flush();
    for (const auto& session : touched) tell_of_congestion(session);
}

// ---- slow clients

// Consumers get nothing while their client's transport is behind; what they would have got stays in the queues.
void ServerLoop::tell_of_congestion(const std::shared_ptr<Session>& session) {
    const auto id = session->id();
    if (session->unsent() <= shared_.unsent_pause || !sessions_.contains(id) || !congested_.insert(id).second) return;
    handle(Congestion{id, Congestion::State::congested});
}

void ServerLoop::after_sending(ConnectionId id) {
    const auto found = sessions_.find(id);
    const bool relieved = found != sessions_.end() && found->second->unsent() <= shared_.unsent_pause / 2;
    if (relieved && congested_.erase(id) > 0) handle(Congestion{id, Congestion::State::relieved});
    check_settled();
}

void ServerLoop::when_settled(std::function<void()> done) {
    waiting_for_settled_.push_back(std::move(done));
    check_settled();
}

void ServerLoop::check_settled() {
    if (waiting_for_settled_.empty() || restarting_) return;
    const auto settled = [](const auto& entry) { return entry.second->settled(); };
    if (!std::ranges::all_of(sessions_, settled)) return;
    for (const auto& done : std::exchange(waiting_for_settled_, {})) done();
}

// ---- time

void ServerLoop::arm_timer() {
    const auto deadline = machine_->next_deadline();
    if (clock_.is_manual()) {
        // What is due now is no matter of time any more.
        if (deadline && *deadline <= clock_.now()) {
            timer_.expires_after(std::chrono::seconds(0));
            timer_.async_wait([this](const error_code& error) {
                if (!error) reach_deadline();
            });
        }
        return;
    }
    // A deadline that moved to later is met by the old timer, which then looks again: most heartbeats do nothing else.
    if (!deadline || (armed_ && *armed_ <= *deadline)) return;
    armed_ = deadline;
    timer_.expires_at(clock_.wall_of(*deadline));
    timer_.async_wait([this](const error_code& error) {
        if (error) return;
        armed_.reset();
        reach_deadline();
        arm_timer();
    });
}

void ServerLoop::reach_deadline() {
    const auto deadline = machine_->next_deadline();
    if (deadline && *deadline <= clock_.now()) handle(DeadlineReached{});
}

void ServerLoop::take_what_clients_sent() {
    for (std::size_t i = 0; i < listeners_.acceptors.size() && !shutting_down_ && !down_; ++i) {
        auto& acceptor = listeners_.acceptors[i];
        for (error_code error; !error;) {
            auto socket = acceptor.accept(io_, error);
            if (!error) admit(i, std::move(socket));
        }
    }
    const auto now_here = sessions_;  // a copy: reading may end some
    for (const auto& [id, session] : now_here) session->read_what_is_there(most_reads_to_catch_up);
}

void ServerLoop::advance_to(Instant to) {
    take_what_clients_sent();
    for (auto next = machine_->next_deadline(); next && *next <= to; next = machine_->next_deadline()) {
        clock_.set(std::max(*next, clock_.now()));
        handle(DeadlineReached{});
    }
    clock_.set(to);
}

std::optional<Reached> ServerLoop::advance_to_next() {
    take_what_clients_sent();
    const auto start = clock_.now();
    auto next = machine_->what_is_next();
    if (!next) return std::nullopt;
    clock_.set(std::max(next->at, start));
    handle(DeadlineReached{});
    return Reached{clock_.now() - start, std::move(*next)};
}

// ---- a test that waits for a clock that stands still

void ServerLoop::watch_waiting() {
    last_input_ = TimeSource::Wall::now();
    if (std::exchange(watches_waiting_, true)) return;
    waiting_timer_.expires_at(last_input_ + options_.waiting_after);
    waiting_timer_.async_wait([this](const error_code& error) {
        if (!error) tell_of_waiting();
    });
}

void ServerLoop::tell_of_waiting() {
    watches_waiting_ = false;
    const auto due = last_input_ + options_.waiting_after;
    if (TimeSource::Wall::now() < due) {
        watches_waiting_ = true;
        waiting_timer_.expires_at(due);
        waiting_timer_.async_wait([this](const error_code& error) {
            if (!error) tell_of_waiting();
        });
        return;
    }
    const auto next = machine_->what_is_next();
    if (!next || connections().empty()) return;
    options_.on_waiting(fmt::format(
        "no client has said anything for {} of real time, and the clock is manual: the next deadline is in {} of "
        "broker time ({}); advance()",
        in_seconds(options_.waiting_after),
        in_seconds(next->at - clock_.now()),
        to_string(*next)
    ));
}

// ---- another beginning

void ServerLoop::restart() {
    handle(Shutdown{});
    if (!down_) return;  // it is closing for good
    restarting_ = true;
    restart_timer_.expires_after(shutdown_at_most);
    restart_timer_.async_wait([this](const error_code& error) {
        if (!error) finish_restart();
    });
    if (sessions_.empty()) finish_restart();
}

void ServerLoop::finish_restart() {
    if (!std::exchange(restarting_, false)) return;
    restart_timer_.cancel();
    handle(Start{});
    check_settled();
}

void ServerLoop::send_all_away() {
    take_what_clients_sent();
    for (const auto id : connections()) handle(CloseConnection{id, "the broker is reset"});
    for (const auto& handshake : std::exchange(handshakes_, {})) handshake->cancel();
    for (const auto& [id, session] : std::exchange(sessions_, {})) session->abandon();
    congested_.clear();
}

void ServerLoop::begin_again(Machine& fresh) {
    machine_ = &fresh;
    next_connection_ = 1;
    timer_.cancel();
    armed_.reset();
    restarting_ = false;
    clock_.begin_again();
    shared_.write_shape = options_.write_shape;
    listen_again();
    arm_timer();
    check_settled();
}

// ---- the end

void ServerLoop::shut_down(std::function<void()> done) {
    shutting_down_ = true;
    restarting_ = false;
    error_code ignored;
    for (auto& acceptor : listeners_.acceptors) acceptor.close(ignored);
    accept_timers_.clear();
    handle(Shutdown{});
    const auto finished = std::make_shared<std::function<void()>>(std::move(done));
    const auto finish = [this, finished] {
        if (!*finished) return;
        close_all();
        std::exchange(*finished, {})();
    };
    shutdown_timer_.expires_after(shutdown_at_most);
    shutdown_timer_.async_wait([finish](const error_code& error) {
        if (!error) finish();
    });
    when_settled(finish);
}

void ServerLoop::close_all() {
    timer_.cancel();
    shutdown_timer_.cancel();
    restart_timer_.cancel();
    waiting_timer_.cancel();
    restarting_ = false;
    for (const auto& handshake : std::exchange(handshakes_, {})) handshake->cancel();
    for (const auto& [id, session] : sessions_) session->finish();
    sessions_.clear();
    check_settled();
}

}  // namespace simbroker::drive
