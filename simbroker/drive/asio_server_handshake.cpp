#include "simbroker/drive/asio_server_handshake.hpp"

#include <utility>

namespace simbroker::drive {
namespace {

// RabbitMQ's ssl_handshake_timeout.
constexpr auto patience = std::chrono::seconds(5);

}  // namespace

TlsHandshake::TlsHandshake(std::shared_ptr<WireSocket> wire, const TlsContext& context, WireShared& shared, Done done)
    : wire_(std::move(wire)), stream_(context.stream(wire_)), shared_(shared), done_(std::move(done)) {}

TlsHandshake::~TlsHandshake() { shared_.timers.cancel(timer_); }

void TlsHandshake::start() {
    const auto due = shared_.clock.now() + patience;
    shared_.timers.set(timer_, {.kind = Deadline::Kind::tls_handshake, .at = due}, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->finish("no handshake within 5 s");
    });
    go_on();
}

void TlsHandshake::cancel() {
    done_ = {};
    shared_.timers.cancel(timer_);
    wire_->close();
}

void TlsHandshake::wait(void (WireSocket::*for_what)(WireSocket::Handler)) {
    if (std::exchange(waits_, true)) return;
    ((*wire_).*for_what)([self = shared_from_this()] {
        self->waits_ = false;
        self->go_on();
    });
}

void TlsHandshake::go_on() {
    if (!done_) return;
    switch (stream_->shake_hands()) {
        case TlsStream::Handshake::done: return finish("");
        case TlsStream::Handshake::wants_to_read: return wait(&WireSocket::wait_to_read);
        case TlsStream::Handshake::wants_to_write: return wait(&WireSocket::wait_to_write);
        case TlsStream::Handshake::failed: return finish(stream_->failure());
    }
}

void TlsHandshake::finish(const std::string& failure) {
    if (!done_) return;
    shared_.timers.cancel(timer_);
    // What a client that was refused has to be told has to reach it before the end does.
    if (!failure.empty()) wire_->end(wire::End::How::fin);
    std::exchange(done_, {})(wire_, std::move(stream_), failure);
}

}  // namespace simbroker::drive
