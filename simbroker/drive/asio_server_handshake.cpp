#include "simbroker/drive/asio_server_handshake.hpp"

#include <utility>

#include "simbroker/drive/asio_server_listener.hpp"

namespace simbroker::drive {
namespace {

using boost::system::error_code;

// RabbitMQ's ssl_handshake_timeout. Wall time: a handshake is none of the broker's.
constexpr auto patience = std::chrono::seconds(5);

}  // namespace

TlsHandshake::TlsHandshake(Socket socket, const TlsContext& context, Done done)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), done_(std::move(done)) {
    error_code ignored;
    close_on_exec(socket_.native_handle());
    socket_.non_blocking(true, ignored);
    stream_ = context.stream(socket_.native_handle());
}

void TlsHandshake::start() {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) self->finish("no handshake within 5 s");
    });
    go_on();
}

void TlsHandshake::cancel() {
    done_ = {};
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

void TlsHandshake::go_on() {
    switch (stream_->shake_hands()) {
        case TlsStream::Handshake::done: return finish("");
        case TlsStream::Handshake::wants_to_read: return wait(Socket::wait_read);
        case TlsStream::Handshake::wants_to_write: return wait(Socket::wait_write);
        case TlsStream::Handshake::failed: return finish(stream_->failure());
    }
}

void TlsHandshake::wait(Socket::wait_type readiness) {
    socket_.async_wait(readiness, [self = shared_from_this()](const error_code& error) {
        if (!error && self->done_) self->go_on();
    });
}

void TlsHandshake::finish(const std::string& failure) {
    if (!done_) return;
    timer_.cancel();
    std::exchange(done_, {})(std::move(socket_), std::move(stream_), failure);
}

}  // namespace simbroker::drive
