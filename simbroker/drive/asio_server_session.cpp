// Reading, writing and closing of one TCP connection.
#include "simbroker/drive/asio_server_session.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "simbroker/drive/asio_server_listener.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long a close waits for the client to take what was sent before.
constexpr auto close_interval = std::chrono::milliseconds(2);
constexpr int most_close_intervals = 1000;

constexpr std::size_t most_pieces_at_once = 64;  // writev takes more, Asio does not

std::size_t octets_in_kernel(int descriptor) {
    int octets = 0;
    return ::ioctl(descriptor, SIOCOUTQ, &octets) == 0 && octets > 0 ? static_cast<std::size_t>(octets) : 0;
}

}  // namespace

Session::Session(
    tcp::socket socket, std::unique_ptr<TlsStream> tls, ConnectionId id, SessionShared& shared, Prng chance
)
    : socket_(std::move(socket)),
      tls_(std::move(tls)),
      id_(id),
      shared_(shared),
      chance_(chance),
      pause_timer_(socket_.get_executor()),
      close_timer_(socket_.get_executor()) {
    error_code ignored;
    close_on_exec(socket_.native_handle());
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
}

// ---- reading

void Session::wait_for_octets() {
    if (waits_for_octets_ || !may_read()) return;
    waits_for_octets_ = true;
    const auto read = [self = shared_from_this()](const error_code& error) {
        self->waits_for_octets_ = false;
        if (error || self->state_ != Open::reading) return;
        self->read_what_is_there();
        self->wait_for_octets();
    };
    // The rest of a record is with TLS already: the socket knows nothing of it.
    if (tls_ && tls_->has_octets()) {
        asio::post(socket_.get_executor(), [read] { read({}); });
    } else {
        socket_.async_wait(tcp::socket::wait_read, read);
    }
}

void Session::hold_back() { held_back_ = true; }

void Session::go_on() {
    held_back_ = false;
    wait_for_octets();
}

std::size_t Session::read_some(error_code& error) {
    if (tls_) return tls_->read(shared_.read_buffer, error);
    return socket_.read_some(asio::buffer(shared_.read_buffer), error);
}

void Session::read_what_is_there(int most_reads) {
    for (int i = 0; i < most_reads && may_read(); ++i) {
        error_code error;
        const auto count = read_some(error);
        if (error == asio::error::would_block) return;
        if (error) {
            end(error == asio::error::eof ? End::fin : End::rst);
            return;
        }
        shared_.on_received(id_, {shared_.read_buffer.data(), count});
        // TLS gives one record a read, whatever else is there.
        if (!tls_ && count < shared_.read_buffer.size()) return;
    }
}

// Never from inside a call of the server: it may be in the middle of something.
void Session::end(End how) {
    if (state_ == Open::closed) return;
    const bool told = state_ == Open::reading;
    how == End::rst ? reset() : finish();
    asio::post(socket_.get_executor(), [self = shared_from_this(), told] {
        if (self->abandoned_) return;
        told ? self->shared_.on_gone(self->id_) : self->shared_.on_closed(self->id_);
    });
}

// ---- writing

void Session::send(codec::wire::Bytes bytes) {
    if (state_ != Open::reading || bytes.empty()) return;
    unsent_ += bytes.size();
    queue_.push_back(std::move(bytes));
}

void Session::flush() {
    while (unsent_ > 0 && !waits_for_room_ && !pauses_ && state_ != Open::closed) {
        const bool whole = shared_.write_shape.segmentation.kind == Segmentation::Kind::whole;
        if ((whole ? write_whole() : write_piece()) == Wrote::nothing) break;
    }
    if (unsent_ > shared_.unsent_drop) end(End::rst);
    if (state_ == Open::closing && unsent_ == 0) close_when_delivered(most_close_intervals);
    if (state_ == Open::reading) wait_for_octets();
}

// TLS takes one piece at a time: as much of the queue as fits into one record is put together.
std::size_t Session::write_some(std::span<const asio::const_buffer> pieces, error_code& error) {
    if (!tls_) return socket_.write_some(pieces, error);
    constexpr std::size_t most_in_a_record = 16384;
    auto& record = shared_.tls_record;
    record.clear();
    for (const auto& piece : pieces) {
        const auto* octets = static_cast<const codec::wire::Byte*>(piece.data());
        record.insert(record.end(), octets, octets + std::min(piece.size(), most_in_a_record - record.size()));
        if (record.size() == most_in_a_record) break;
    }
    return tls_->write(record, error);
}

Session::Wrote Session::write_whole() {
    std::array<asio::const_buffer, most_pieces_at_once> pieces;
    std::size_t count = 0;
    std::size_t skip = front_written_;
    for (const auto& bytes : queue_) {
        if (count == pieces.size()) break;
        pieces[count++] = asio::buffer(bytes) + std::exchange(skip, 0);
    }
    error_code error;
    const auto written = write_some(std::span(pieces).first(count), error);
    return note_written(written, error);
}

Session::Wrote Session::write_piece() {
    const auto rest = asio::buffer(queue_.front()) + front_written_;
    const auto least = tls_ ? tls_->least_to_write() : 0;
    if (least > rest.size()) return write_whole();
    const auto size = std::max(least, next_piece(shared_.write_shape.segmentation, rest.size(), chance_));
    error_code error;
    const std::array piece{asio::const_buffer(asio::buffer(rest, size))};
    const auto written = write_some(piece, error);
    const auto result = note_written(written, error);
    if (result == Wrote::some && unsent_ > 0 && shared_.write_shape.pause.count() > 0) pause();
    return result;
}

Session::Wrote Session::note_written(std::size_t octets, const error_code& error) {
    if (error == asio::error::would_block) {
        wait_for_room();
        return Wrote::nothing;
    }
    if (error) {
        end(End::rst);
        return Wrote::nothing;
    }
    unsent_ -= octets;
    front_written_ += octets;
    while (!queue_.empty() && front_written_ >= queue_.front().size()) {
        front_written_ -= queue_.front().size();
        queue_.pop_front();
    }
    return Wrote::some;
}

void Session::wait_for_room() {
    waits_for_room_ = true;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
        self->waits_for_room_ = false;
        if (error || self->state_ == Open::closed) return;
        self->flush();
        self->shared_.on_sent(self->id_);
    });
}

void Session::pause() {
    pauses_ = true;
    pause_timer_.expires_after(shared_.write_shape.pause);
    pause_timer_.async_wait([self = shared_from_this()](const error_code& error) {
        self->pauses_ = false;
        if (error || self->state_ == Open::closed) return;
        self->flush();
        self->shared_.on_sent(self->id_);
    });
}

// ---- closing

void Session::close_after_sending() {
    if (state_ != Open::reading) return;
    state_ = Open::closing;
    flush();
    if (state_ != Open::closing || unsent_ == 0) return;
    close_timer_.expires_after(close_interval * most_close_intervals);
    close_timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && self->state_ == Open::closing) self->end(End::rst);
    });
}

// A reset throws away what the kernel has not sent yet: so not before it has.
void Session::close_when_delivered(int tries_left) {
    if (state_ != Open::closing) return;
    if (tries_left == 0 || octets_in_kernel(socket_.native_handle()) == 0) {
        end(End::rst);
        return;
    }
    close_timer_.expires_after(close_interval);
    close_timer_.async_wait([self = shared_from_this(), tries_left](const error_code& error) {
        if (!error) self->close_when_delivered(tries_left - 1);
    });
}

void Session::abandon() {
    abandoned_ = true;
    finish();
}

void Session::reset() {
    if (state_ == Open::closed) return;
    error_code ignored;
    socket_.set_option(tcp::socket::linger(true, 0), ignored);
    tls_.reset();  // no word to the peer
    finish();
}

void Session::finish() {
    if (state_ == Open::closed) return;
    state_ = Open::closed;
    error_code ignored;
    pause_timer_.cancel();
    close_timer_.cancel();
    if (tls_) tls_->say_goodbye();
    if (socket_.is_open()) socket_.close(ignored);
    queue_.clear();
    unsent_ = 0;
}

}  // namespace simbroker::drive
