// Reading, writing and closing of one connection.
#include "simbroker/drive/asio_server_session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// How long a close waits for the client to take what was sent before.
constexpr auto close_at_most = std::chrono::seconds(2);

constexpr std::size_t most_pieces_at_once = 64;  // writev takes more, Asio does not

}  // namespace

Session::Session(
    std::shared_ptr<WireSocket> wire, std::unique_ptr<TlsStream> tls, ConnectionId id, SessionShared& shared
)
    : wire_(std::move(wire)), tls_(std::move(tls)), id_(id), shared_(shared), close_timer_(wire_->executor()) {
    wire_->name(id);
}

// ---- reading

void Session::wait_for_octets() {
    if (waits_for_octets_ || !may_read()) return;
    waits_for_octets_ = true;
    const auto read = [self = shared_from_this()] {
        self->waits_for_octets_ = false;
        if (self->state_ != Open::reading) return;
        self->read_what_is_there();
        self->wait_for_octets();
    };
    // The rest of a record is with TLS already: the socket knows nothing of it.
    if (tls_ && tls_->has_octets()) {
        asio::post(wire_->executor(), read);
    } else {
        wire_->wait_to_read(read);
    }
}

void Session::hold_back() { held_back_ = true; }

void Session::go_on() {
    held_back_ = false;
    wait_for_octets();
}

std::size_t Session::read_some(error_code& error) {
    if (tls_) return tls_->read(shared_.read_buffer, error);
    return wire_->read(shared_.read_buffer, error);
}

void Session::read_what_is_there(int most_reads) {
    for (int i = 0; i < most_reads && may_read(); ++i) {
        error_code error;
        const auto count = read_some(error);
        if (error == asio::error::would_block) return;
        if (error) {
            end(error == asio::error::eof ? wire::End::How::fin : wire::End::How::rst);
            return;
        }
        shared_.on_received(id_, {shared_.read_buffer.data(), count});
        // TLS gives one record a read, and a bent wire one piece, whatever else is there.
        if (!tls_ && !wire_->is_bent() && count < shared_.read_buffer.size()) return;
    }
}

// Never from inside a call of the server: it may be in the middle of something.
void Session::end(wire::End::How how) {
    if (state_ == Open::closed) return;
    const bool told = state_ == Open::reading;
    how == wire::End::How::rst ? reset() : finish();
    tell_the_end(told);
}

void Session::tell_the_end(bool of_peer) {
    asio::post(wire_->executor(), [self = shared_from_this(), of_peer] {
        if (self->abandoned_) return;
        of_peer ? self->shared_.on_gone(self->id_) : self->shared_.on_closed(self->id_);
    });
}

// ---- writing

void Session::send(codec::wire::Bytes bytes) {
    if (state_ != Open::reading || bytes.empty()) return;
    unsent_ += bytes.size();
    queue_.push_back(std::move(bytes));
}

void Session::flush() {
    while (unsent_ > 0 && !waits_for_room_ && state_ != Open::closed) {
        if (write_queue() == Wrote::nothing) break;
    }
    if (unsent_ > shared_.unsent_drop) end(wire::End::How::rst);
    if (state_ == Open::closing && unsent_ == 0) give_the_end_to_the_wire();
    if (state_ == Open::reading) wait_for_octets();
}

// TLS takes one piece at a time: as much of the queue as fits into one record is put together.
std::size_t Session::write_some(std::span<const asio::const_buffer> pieces, error_code& error) {
    if (!tls_) return wire_->write(pieces, error);
    const auto most_in_a_record = std::max(wire_->most_in_a_tls_record(), tls_->least_to_write());
    auto& record = shared_.tls_record;
    record.clear();
    for (const auto& piece : pieces) {
        const auto* octets = static_cast<const codec::wire::Byte*>(piece.data());
        record.insert(record.end(), octets, octets + std::min(piece.size(), most_in_a_record - record.size()));
        if (record.size() == most_in_a_record) break;
    }
    return tls_->write(record, error);
}

Session::Wrote Session::write_queue() {
    std::array<asio::const_buffer, most_pieces_at_once> pieces;
    std::size_t count = 0;
    std::size_t skip = front_written_;
    for (const auto& bytes : queue_) {
        if (count == pieces.size()) break;
        pieces[count++] = asio::buffer(bytes) + std::exchange(skip, 0);
    }
    error_code error;
    const auto written = write_some(std::span(pieces).first(count), error);
    if (error) {
        error == asio::error::would_block ? wait_for_room() : end(wire::End::How::rst);
        return Wrote::nothing;
    }
    unsent_ -= written;
    front_written_ += written;
    while (!queue_.empty() && front_written_ >= queue_.front().size()) {
        front_written_ -= queue_.front().size();
        queue_.pop_front();
    }
    return Wrote::some;
}

void Session::wait_for_room() {
    waits_for_room_ = true;
    wire_->wait_to_write([self = shared_from_this()] {
        self->waits_for_room_ = false;
        if (self->state_ == Open::closed) return;
        self->flush();
        self->shared_.on_sent(self->id_);
    });
}

void Session::change_wire(Toward toward, const wire::Change& change) {
    if (const auto* to = std::get_if<wire::End>(&change)) return close_after_sending(to->how);
    wire_->change(toward, change);
}

// ---- closing

void Session::close_after_sending(wire::End::How how) {
    if (state_ != Open::reading) return;
    state_ = Open::closing;
    closes_by_ = how;
    flush();
    if (state_ != Open::closing || unsent_ == 0) return;
    close_timer_.expires_after(close_at_most);
    close_timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && self->state_ == Open::closing) self->end(wire::End::How::rst);
    });
}

void Session::give_the_end_to_the_wire() {
    state_ = Open::closed;
    close_timer_.cancel();
    if (closes_by_ == wire::End::How::fin && tls_) tls_->say_goodbye();
    wire_->end(closes_by_);
    tell_the_end(/*of_peer=*/false);
}

void Session::abandon() {
    abandoned_ = true;
    finish();
}

void Session::reset() {
    if (state_ == Open::closed) return;
    state_ = Open::closed;
    close_timer_.cancel();
    wire_->reset();  // no word to the peer
    queue_.clear();
    unsent_ = 0;
}

void Session::finish() {
    if (state_ == Open::closed) return;
    state_ = Open::closed;
    close_timer_.cancel();
    if (tls_) tls_->say_goodbye();
    wire_->close();
    queue_.clear();
    unsent_ = 0;
}

}  // namespace simbroker::drive
