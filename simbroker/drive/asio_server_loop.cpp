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
using boost::system::error_code;

constexpr std::size_t read_buffer_size = std::size_t{8} << 10;

// What a client can have sent before advance(): more than a socket holds.
constexpr int most_reads_to_catch_up = 256;

constexpr auto shutdown_at_most = std::chrono::seconds(1);

}  // namespace

ServerLoop::ServerLoop(asio::io_context& io, TimeSource& clock, Machine& machine, Options options)
    : io_(io),
      clock_(clock),
      machine_(&machine),
      options_(std::move(options)),
      wires_{
          .clock = clock,
          .timers = timers_,
          .usual_to_server = options_.to_server,
          .usual_to_client = options_.to_client,
          .to_server = options_.to_server,
          .to_client = options_.to_client
      },
      entrance_(io, wires_, entrance_options()),
      timer_(io),
      shutdown_timer_(io),
      restart_timer_(io),
      waiting_timer_(io) {
    timers_.on_set = [this] { arm_timer(); };
    wires_.on_moved = [this] { check_settled(); };
    shared_.unsent_pause = options_.unsent_pause;
    shared_.unsent_drop = options_.unsent_drop;
    shared_.read_buffer.resize(read_buffer_size);
    shared_.on_received = [this](ConnectionId id, codec::wire::BytesView bytes) { handle(Received{id, bytes}); };
    shared_.on_gone = [this](ConnectionId id) {
        forget(id);
        handle(Disconnected{id});
    };
    shared_.on_closed = [this](ConnectionId id) { forget(id); };
    shared_.on_sent = [this](ConnectionId id) { after_sending(id); };
}

Entrance::Options ServerLoop::entrance_options() {
    return {
        .host = options_.host,
        .port = options_.port,
        .tls = options_.tls,
        .seed = options_.seed,
        .admit = [this](
                     std::shared_ptr<WireSocket> wire, std::unique_ptr<TlsStream> tls, const std::string& peer
                 ) { begin_session(std::move(wire), std::move(tls), peer); },
        .on_event =
            [this](Event event) {
                if (options_.on_event) options_.on_event(clock_.now(), std::move(event));
            },
    };
}

void ServerLoop::start() {
    entrance_.start();
    arm_timer();
}

// Where the broker is down, nobody listens; and whom an alarm holds back is not read, so that its own transport fills
// up.
void ServerLoop::follow(const Event& event) {
    if (event.kind == Event::Kind::broker_stopped && !shutting_down_) {
        down_ = true;
        entrance_.close_down();
    }
    if (event.kind == Event::Kind::broker_started) {
        down_ = false;
        entrance_.open_again();
    }
    const auto hold = hold_in(event);
    const auto found = sessions_.find(event.connection);
    if (!hold || found == sessions_.end()) return;
    *hold == Hold::begins ? found->second->hold_back() : found->second->go_on();
}

// ---- clients

void ServerLoop::begin_session(
    std::shared_ptr<WireSocket> wire, std::unique_ptr<TlsStream> tls, const std::string& peer
) {
    if (shutting_down_ || down_) return wire->close();
    const ConnectionId id{next_connection_++};
    Connected connected{id, peer};
    if (tls) connected.tls = tls->facts();
    const auto session = std::make_shared<Session>(std::move(wire), std::move(tls), id, shared_);
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
        } else if (const auto* close = std::get_if<Close>(&output)) {
            if (const auto session = session_of(close->connection)) session->close_after_sending();
        } else if (const auto* wire = std::get_if<Wire>(&output)) {
            change(*wire);
        } else {
            change(std::get<Door>(output));
        }
    }
    const auto touched = std::exchange(touched_, {});
    for (const auto& session : touched) session->flush();
    for (const auto& session : touched) tell_of_congestion(session);
}

void ServerLoop::change(const Wire& wire) {
    if (wire.connection.value != 0) return change_one(wire.connection, wire);
    const auto all = sessions_;  // a copy: some may end
    for (const auto& [id, session] : all) change_one(id, wire);
    auto& to_come = wire.toward == Toward::server ? wires_.to_server : wires_.to_client;
    to_come = wires_.bent(to_come, wire.toward, wire.change);
}

// What was sent before goes before. A connection may be nobody's any more, and not at its end yet.
void ServerLoop::change_one(ConnectionId id, const Wire& wire) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) {
        const auto session = found->second;
        session->flush();
        session->change_wire(wire.toward, wire.change);
        return;
    }
    const auto lingering = wires_.lingering;
    for (const auto& left : lingering) {
        if (left->connection() == id) left->change(wire.toward, wire.change);
    }
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
    if (!std::ranges::all_of(wires_.lingering, &WireSocket::settled)) return;
    for (const auto& done : std::exchange(waiting_for_settled_, {})) done();
}

// ---- time

std::optional<Instant> ServerLoop::next_deadline() const {
    const auto of_machine = machine_->next_deadline();
    const auto* own = timers_.next();
    if (!own) return of_machine;
    return of_machine ? std::min(*of_machine, own->at) : own->at;
}

std::optional<Deadline> ServerLoop::what_is_next() const {
    auto of_machine = machine_->what_is_next();
    const auto* own = timers_.next();
    if (!own || (of_machine && of_machine->at < own->at)) return of_machine;
    return *own;
}

void ServerLoop::arm_timer() {
    const auto deadline = next_deadline();
    if (clock_.is_manual()) {
        // What is due now is no matter of time any more.
        if (deadline && *deadline <= clock_.now()) {
            timer_.expires_after(std::chrono::seconds(0));
            timer_.async_wait([this](const error_code& error) {
                if (!error) meet_all_due();
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
        meet_all_due();
        arm_timer();
    });
}

// What is due first, if it is due by then. Octets go before a deadline of the same instant, as in a simulation.
bool ServerLoop::meet_next(Instant until) {
    const auto next = next_deadline();
    if (!next || *next > until) return false;
    if (clock_.is_manual()) clock_.set(std::max(*next, clock_.now()));
    if (!timers_.meet(*next)) handle(DeadlineReached{});
    return true;
}

// Once: should something be due again at once, others come first.
void ServerLoop::meet_all_due() {
    const auto now = clock_.now();
    while (timers_.meet(now)) {
    }
    const auto deadline = machine_->next_deadline();
    if (deadline && *deadline <= now) handle(DeadlineReached{});
}

void ServerLoop::take_what_clients_sent() {
    if (!shutting_down_ && !down_) entrance_.take_what_is_there();
    const auto now_here = sessions_;  // a copy: reading may end some
    for (const auto& [id, session] : now_here) session->read_what_is_there(most_reads_to_catch_up);
}

void ServerLoop::advance_to(Instant to) {
    take_what_clients_sent();
    while (meet_next(to)) {
    }
    clock_.set(to);
}

std::optional<Reached> ServerLoop::advance_to_next() {
    take_what_clients_sent();
    const auto start = clock_.now();
    auto next = what_is_next();
    if (!next) return std::nullopt;
    meet_next(next->at);
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
    const auto next = what_is_next();
    if (!next || (connections().empty() && next->kind != Deadline::Kind::tls_handshake &&
                  next->kind != Deadline::Kind::admission))
        return;
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
    entrance_.send_away();
    for (const auto& [id, session] : std::exchange(sessions_, {})) session->abandon();
    let_go_of_wires();
    congested_.clear();
}

void ServerLoop::begin_again(Machine& fresh) {
    machine_ = &fresh;
    next_connection_ = 1;
    timer_.cancel();
    armed_.reset();
    restarting_ = false;
    clock_.begin_again();
    wires_.to_client = options_.to_client;
    wires_.to_server = options_.to_server;
    down_ = false;
    entrance_.begin_again();
    arm_timer();
    check_settled();
}

// ---- the end

void ServerLoop::shut_down(std::function<void()> done) {
    shutting_down_ = true;
    restarting_ = false;
    entrance_.close_for_good();
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
    entrance_.send_away();
    for (const auto& [id, session] : sessions_) session->finish();
    sessions_.clear();
    let_go_of_wires();
    check_settled();
}

void ServerLoop::let_go_of_wires() {
    for (const auto& wire : std::exchange(wires_.lingering, {})) wire->close();
    timers_.clear();
}

}  // namespace simbroker::drive
