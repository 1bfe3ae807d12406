#include "simbroker/drive/asio_server_entrance.hpp"

#include <fmt/format.h>

#include <utility>

#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int most_accepted_in_a_row = 16;

// Out of descriptors: try again when some connection may have ended.
constexpr auto accept_again_after = std::chrono::milliseconds(10);

std::string shown(const tcp::endpoint& endpoint) {
    const auto address = endpoint.address().to_string();
    const auto port = static_cast<unsigned>(endpoint.port());
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace

Entrance::Entrance(asio::io_context& io, WireShared& wires, Options options)
    : io_(io), wires_(wires), options_(std::move(options)), plain_(open_gate(options_.port)) {
    if (!options_.tls) return;
    certificates_.try_emplace("", *options_.tls, options_.tls->shown);
    for (const auto& [name, files] : options_.tls->others) certificates_.try_emplace(name, *options_.tls, files);
    secured_.emplace(open_gate(options_.tls->port));
}

Entrance::Gate Entrance::open_gate(std::uint16_t port) {
    Gate gate{.listeners = listen(io_, options_.host, port)};
    gate.first_port = gate.listeners.port;
    for (std::size_t i = 0; i < gate.listeners.acceptors.size(); ++i) gate.timers.emplace_back(io_);
    return gate;
}

std::vector<Entrance::Gate*> Entrance::gates() {
    return secured_ ? std::vector{&plain_, &*secured_} : std::vector{&plain_};
}

std::optional<std::uint16_t> Entrance::tls_port() const {
    return secured_ ? std::optional(secured_->listeners.port) : std::nullopt;
}

void Entrance::start() {
    for (auto* gate : gates()) {
        for (std::size_t i = 0; i < gate->listeners.acceptors.size(); ++i) wait_for_clients(*gate, i);
    }
}

// ---- clients that come

void Entrance::wait_for_clients(Gate& gate, std::size_t listener) {
    auto& acceptor = gate.listeners.acceptors[listener];
    acceptor.async_wait(tcp::acceptor::wait_read, [this, &gate, listener](const error_code& error) {
        if (!error && !ended_ && !gate.closed) accept_some(gate, listener);
    });
}

// Those who are in have their turn after every few that come: who comes and goes in a loop is let go as fast.
void Entrance::accept_some(Gate& gate, std::size_t listener) {
    auto& acceptor = gate.listeners.acceptors[listener];
    error_code error;
    for (int i = 0; i < most_accepted_in_a_row && !error; ++i) {
        auto socket = acceptor.accept(io_, error);
        if (error == asio::error::connection_aborted)
            error.clear();
        else if (!error)
            take(gate, std::move(socket));
    }
    if (!error || error == asio::error::would_block) {
        wait_for_clients(gate, listener);
        return;
    }
    auto& timer = *std::next(gate.timers.begin(), static_cast<std::ptrdiff_t>(listener));
    timer.expires_after(accept_again_after);
    timer.async_wait([this, &gate, listener](const error_code& stopped) {
        if (!stopped) wait_for_clients(gate, listener);
    });
}

void Entrance::take(const Gate& gate, tcp::socket socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;  // it has left already
    const auto peer = shown(endpoint);
    const auto number = next_wire_++;
    auto wire = std::make_shared<WireSocket>(std::move(socket), wires_, options_.seed, number);
    if (std::holds_alternative<door::Silence>(door_)) return wire->ignore();
    const auto* delay = std::get_if<door::Delay>(&door_);
    if (!delay) return look_after(gate, std::move(wire), peer);
    const auto due = wires_.clock.now() + delay->by;
    wires_.timers.set(
        waiting_[number],
        {.kind = Deadline::Kind::admission, .at = due},
        [this, &gate, number, wire = std::move(wire), peer] {
            waiting_.erase(number);
            look_after(gate, wire, peer);
        }
    );
}

void Entrance::look_after(const Gate& gate, std::shared_ptr<WireSocket> wire, const std::string& peer) {
    if (secured_ && &gate == &*secured_) return shake_hands(std::move(wire), peer);
    options_.admit(std::move(wire), nullptr, peer);
}

void Entrance::shake_hands(std::shared_ptr<WireSocket> wire, const std::string& peer) {
    auto place = std::make_shared<std::weak_ptr<TlsHandshake>>();
    const auto handshake = std::make_shared<TlsHandshake>(
        std::move(wire),
        certificate_shown(),
        wires_,
        [this,
         peer,
         place](std::shared_ptr<WireSocket> done, std::unique_ptr<TlsStream> tls, const std::string& failure) {
            handshakes_.erase(place->lock());
            if (failure.empty()) return options_.admit(std::move(done), std::move(tls), peer);
            options_.on_event({.kind = Event::Kind::tls_handshake_failed, .subject = peer, .detail = failure});
        }
    );
    *place = handshake;
    handshakes_.insert(handshake);
    handshake->start();
}

void Entrance::take_what_is_there() {
    if (ended_) return;
    for (auto* gate : gates()) {
        if (gate->closed) continue;
        for (auto& acceptor : gate->listeners.acceptors) {
            for (error_code error; !error;) {
                auto socket = acceptor.accept(io_, error);
                if (!error) take(*gate, std::move(socket));
            }
        }
    }
    const auto under_way = handshakes_;  // a copy: some end
    for (const auto& handshake : under_way) handshake->go_on();
}

// ---- what the door is made to do

void Entrance::change(const door::Change& change) {
    if (const auto* to = std::get_if<door::Move>(&change)) return move(plain_, to->port);
    if (const auto* show = std::get_if<door::ShowCertificate>(&change)) return show_certificate(show->name);
    door_ = change;
    listen_or_not();
}

const TlsContext& Entrance::certificate_shown() const { return certificates_.find(certificate_)->second; }

void Entrance::show_certificate(const std::string& name) {
    if (certificates_.contains(name)) {
        certificate_ = name;
        return;
    }
    std::string known;
    for (const auto& [other, context] : certificates_) {
        if (!other.empty()) known += (known.empty() ? "" : ", ") + other;
    }
    options_.on_event(
        {.kind = Event::Kind::tls_handshake_failed,
         .subject = name,
         .detail = fmt::format("there is no such certificate to show; there are {}", known.empty() ? "none" : known)}
    );
}

void Entrance::listen_or_not() {
    for (auto* gate : gates()) set_listening(*gate, !down_ && !ended_ && !std::holds_alternative<door::Refuse>(door_));
}

void Entrance::set_listening(Gate& gate, bool listens) {
    if (listens == !gate.closed) return;
    if (!listens) {
        gate.closed.emplace(gate.listeners);
        return;
    }
    gate.closed->listen_again(io_);
    gate.closed.reset();
    for (std::size_t i = 0; i < gate.listeners.acceptors.size(); ++i) wait_for_clients(gate, i);
}

// The new place first: where it cannot be had, the old one stays.
void Entrance::move(Gate& gate, std::uint16_t port) {
    std::string where = fmt::format("{}:{}", gate.listeners.host, gate.listeners.port);
    try {
        auto moved = listen(io_, options_.host, port);
        const bool closed = gate.closed.has_value();
        if (!closed) set_listening(gate, false);
        gate.listeners = std::move(moved);
        while (gate.timers.size() < gate.listeners.acceptors.size()) gate.timers.emplace_back(io_);
        gate.closed.reset();
        if (closed) {
            set_listening(gate, false);
        } else {
            for (std::size_t i = 0; i < gate.listeners.acceptors.size(); ++i) wait_for_clients(gate, i);
        }
        where = fmt::format("{}:{}", gate.listeners.host, gate.listeners.port);
        options_.on_event({.kind = Event::Kind::address_changed, .subject = where, .detail = {}});
    } catch (const ServerError& error) {
        options_.on_event({.kind = Event::Kind::address_changed, .subject = where, .detail = error.what()});
    }
}

// ---- the broker's life

void Entrance::close_down() {
    down_ = true;
    listen_or_not();
    send_away();
}

void Entrance::open_again() {
    down_ = false;
    listen_or_not();
}

void Entrance::begin_again() {
    door_ = door::Open{};
    certificate_.clear();
    down_ = false;
    next_wire_ = 1;
    for (auto* gate : gates()) {
        if (gate->listeners.port != gate->first_port) move(*gate, gate->first_port);
    }
    listen_or_not();
}

void Entrance::send_away() {
    for (const auto& handshake : std::exchange(handshakes_, {})) handshake->cancel();
    for (auto& [number, timer] : waiting_) wires_.timers.cancel(timer);
    waiting_.clear();
}

void Entrance::close_for_good() {
    ended_ = true;
    error_code ignored;
    for (auto* gate : gates()) {
        for (auto& acceptor : gate->listeners.acceptors) acceptor.close(ignored);
        for (auto& timer : gate->timers) timer.cancel();
    }
}

}  // namespace simbroker::drive
