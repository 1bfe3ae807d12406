#include "simbroker/drive/asio_server_wire.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "simbroker/core/overloaded.hpp"
#include "simbroker/drive/asio_server_listener.hpp"

namespace simbroker::drive {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using codec::wire::Byte;
using codec::wire::Bytes;
using codec::wire::BytesView;

// What a wire holds in one direction before its writer has to wait: about what the buffers of two sockets do.
constexpr std::size_t most_on_a_wire = std::size_t{256} << 10;
constexpr std::size_t most_in_one_read = std::size_t{16} << 10;
constexpr std::size_t largest_tls_record = 16384;

// How long an end waits for the client's kernel to take what was sent before.
constexpr auto end_interval = std::chrono::milliseconds(2);
constexpr int most_end_intervals = 1000;

std::size_t octets_in_kernel(int descriptor) {
    int octets = 0;
    return ::ioctl(descriptor, SIOCOUTQ, &octets) == 0 && octets > 0 ? static_cast<std::size_t>(octets) : 0;
}

}  // namespace

WireSocket::WireSocket(Socket socket, WireShared& shared, Seed seed, std::uint64_t number)
    : socket_(std::move(socket)), shared_(shared), seed_(seed), number_(number) {
    error_code ignored;
    close_on_exec(socket_.native_handle());
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    if (shared_.to_server != LinkOptions{} || shared_.to_client != LinkOptions{}) bend();
}

// ---- what is done to it

// How octets travel after such a change, if it is about that.
LinkOptions WireShared::bent(const LinkOptions& link, Toward toward, const wire::Change& change) const {
    if (const auto* bend = std::get_if<wire::Bend>(&change)) return with_parts(link, bend->parts, bend->link);
    const auto* unbend = std::get_if<wire::Unbend>(&change);
    return unbend ? with_parts(link, unbend->parts, toward == Toward::server ? usual_to_server : usual_to_client)
                  : link;
}

WireSocket::Bent& WireSocket::bend() {
    if (!bent_) {
        const auto chance = [this](std::string_view way) {
            return Prng::fork(seed_, fmt::format("link {} {}", number_, way));
        };
        bent_ = std::unique_ptr<Bent>(new Bent{
            .to_server = Link(shared_.to_server, chance("to broker")),
            .to_client = Link(shared_.to_client, chance("to peer")),
            .pause_timer = asio::steady_timer(socket_.get_executor()),
        });
        if (reader_) watch_socket();
    }
    return *bent_;
}

void WireSocket::change(Toward toward, const wire::Change& change) {
    auto& bent = bend();
    auto& link = toward == Toward::server ? bent.to_server : bent.to_client;
    std::visit(
        Overloaded{
            [&](const wire::Bend&) { link.set_options(shared_.bent(link.options(), toward, change)); },
            [&](const wire::Unbend&) { link.set_options(shared_.bent(link.options(), toward, change)); },
            [&](const wire::Stall&) { link.stall(); },
            [&](const wire::Resume&) {
                auto& pieces = toward == Toward::server ? bent.arriving : bent.leaving;
                auto& octets = toward == Toward::server ? bent.octets_arriving : bent.octets_leaving;
                append(pieces, octets, link.resume(shared_.clock.now()));
                if (toward == Toward::client && bent.held_end) let_end_travel();
            },
            [&](const wire::Vanish&) { link.vanish(); },
            [&](const wire::Corrupt& corrupt) { link.corrupt(corrupt.offset, corrupt.mask); },
            [&](const wire::End& to) { end(to.how); },
        },
        change
    );
    if (bent.to_client.options().segmentation.kind == Segmentation::Kind::whole) put_together(bent.due);
    meet();
}

// Pieces that need not be apart any more.
void WireSocket::put_together(std::deque<Piece>& pieces) {
    std::deque<Piece> joined;
    for (auto& piece : pieces) {
        if (joined.empty() || piece.end || joined.back().end) {
            joined.push_back(std::move(piece));
        } else {
            auto& bytes = joined.back().bytes;
            bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
        }
    }
    pieces = std::move(joined);
}

std::size_t WireSocket::most_in_a_tls_record() const {
    const auto asked_for = bent_ ? bent_->to_client.options().tls_record : 0;
    return asked_for == 0 ? largest_tls_record : std::min(asked_for, largest_tls_record);
}

// ---- from the client

std::size_t WireSocket::read(std::span<Byte> into, error_code& error) {
    if (!bent_) return socket_.read_some(asio::buffer(into.data(), into.size()), error);
    take_from_socket();
    let_arrive();
    auto& bent = *bent_;
    const auto count = std::min(into.size(), bent.arrived.size() - bent.arrived_read);
    std::copy_n(bent.arrived.begin() + static_cast<std::ptrdiff_t>(bent.arrived_read), count, into.begin());
    bent.arrived_read += count;
    if (bent.arrived_read == bent.arrived.size()) {
        bent.arrived.clear();
        bent.arrived_read = 0;
    }
    set_time();
    error = {};
    if (count == 0) error = broken_ ? broken_ : bent.end.value_or(error_code(asio::error::would_block));
    return count;
}

void WireSocket::wait_to_read(Handler handler) {
    reader_ = std::move(handler);
    if (!bent_) {
        socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
            if (!error) self->call_readers();
        });
        return;
    }
    watch_socket();
    if (bent_->arrived.empty() && !bent_->end && !broken_) return;
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->call_readers(); });
}

// A stalled wire is one whose end nobody reads: the client's writes back up in the kernel.
bool WireSocket::may_take() const {
    const auto& bent = *bent_;
    return socket_.is_open() && !bent.client_ended && !bent.to_server.stalled() &&
           bent.octets_arriving + bent.arrived.size() + bent.to_server.kept() < most_on_a_wire;
}

void WireSocket::watch_socket() {
    if (bent_->waits_for_socket || !may_take()) return;
    bent_->waits_for_socket = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        self->bent_->waits_for_socket = false;
        if (error) return;
        self->take_from_socket();
        self->meet();
    });
}

void WireSocket::take_from_socket() {
    auto& bent = *bent_;
    std::array<Byte, most_in_one_read> buffer;
    while (may_take()) {
        error_code error;
        const auto count = socket_.read_some(asio::buffer(buffer), error);
        if (error == asio::error::would_block) break;
        const auto now = shared_.clock.now();
        if (error) {
            bent.client_ended = true;
            if (bent.to_server.vanishes()) break;
            append(bent.arriving, bent.octets_arriving, bent.to_server.flush(now));
            // A reset overtakes nothing that was read, and is told as it is.
            const auto how = error == asio::error::eof ? wire::End::How::fin : wire::End::How::rst;
            bent.arriving.push_back({.at = bent.to_server.carry_end(now), .end = how});
            break;
        }
        append(bent.arriving, bent.octets_arriving, bent.to_server.carry(now, BytesView(buffer).first(count)));
    }
}

void WireSocket::append(std::deque<Piece>& pieces, std::size_t& octets, std::vector<Link::Arrival> arrivals) {
    for (auto& arrival : arrivals) {
        octets += arrival.bytes.size();
        pieces.push_back({.at = arrival.at, .bytes = std::move(arrival.bytes)});
    }
}

// True: there is something to read.
bool WireSocket::let_arrive() {
    auto& bent = *bent_;
    const auto now = shared_.clock.now();
    if (bent.to_server.flush_due() && *bent.to_server.flush_due() <= now) {
        append(bent.arriving, bent.octets_arriving, bent.to_server.flush(now));
    }
    for (; !bent.arriving.empty() && bent.arriving.front().at <= now; bent.arriving.pop_front()) {
        const auto& piece = bent.arriving.front();
        bent.octets_arriving -= piece.bytes.size();
        bent.arrived.insert(bent.arrived.end(), piece.bytes.begin(), piece.bytes.end());
        if (piece.end) {
            bent.end = *piece.end == wire::End::How::fin ? error_code(asio::error::eof)
                                                         : error_code(asio::error::connection_reset);
        }
        // Pieces are read apart, or nobody could tell that they were.
        if (!bent.arrived.empty() && bent.to_server.options().segmentation.kind != Segmentation::Kind::whole) {
            bent.arriving.pop_front();
            break;
        }
    }
    return !bent.arrived.empty() || bent.end || broken_;
}

// ---- to the client

std::size_t WireSocket::write(std::span<const asio::const_buffer> pieces, error_code& error) {
    if (!bent_) return socket_.write_some(pieces, error);
    auto& bent = *bent_;
    error = broken_;
    if (error) return 0;
    if (on_the_way() >= most_on_a_wire) {
        error = asio::error::would_block;
        return 0;
    }
    const auto now = shared_.clock.now();
    std::size_t written = 0;
    for (const auto& piece : pieces) {
        append(
            bent.leaving,
            bent.octets_leaving,
            bent.to_client.carry(now, BytesView(static_cast<const Byte*>(piece.data()), piece.size()))
        );
        written += piece.size();
    }
    write_due();
    set_time();
    error = broken_;
    return written;
}

void WireSocket::wait_to_write(Handler handler) {
    writer_ = std::move(handler);
    if (bent_) return;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
        if (!error) self->call_writers();
    });
}

std::size_t WireSocket::on_the_way() const { return bent_ ? bent_->octets_leaving + bent_->to_client.kept() : 0; }

bool WireSocket::settled() const { return !bent_ || bent_->due.empty() || bent_->waits_for_room; }

void WireSocket::write_due() {
    auto& bent = *bent_;
    const auto now = shared_.clock.now();
    if (bent.to_client.flush_due() && *bent.to_client.flush_due() <= now) {
        append(bent.leaving, bent.octets_leaving, bent.to_client.flush(now));
    }
    for (; !bent.leaving.empty() && bent.leaving.front().at <= now; bent.leaving.pop_front()) {
        bent.due.push_back(std::move(bent.leaving.front()));
    }
    while (!bent.due.empty() && !bent.waits_for_room && !bent.pauses && socket_.is_open()) {
        if (!write_front()) break;
    }
}

// One piece is one call. False: not now.
bool WireSocket::write_front() {
    auto& bent = *bent_;
    auto& piece = bent.due.front();
    if (piece.end) {
        perform_end(*piece.end, most_end_intervals);
        return false;
    }
    error_code error;
    const auto count = socket_.write_some(asio::buffer(piece.bytes), error);
    if (error == asio::error::would_block) {
        bent.waits_for_room = true;
        socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& failed) {
            self->bent_->waits_for_room = false;
            if (!failed) self->meet();
        });
        return false;
    }
    if (error) {
        broken_ = asio::error::connection_reset;
        bent.octets_leaving = 0;
        bent.leaving.clear();
        bent.due.clear();
        return false;
    }
    bent.octets_leaving -= count;
    piece.bytes.erase(piece.bytes.begin(), piece.bytes.begin() + static_cast<std::ptrdiff_t>(count));
    if (!piece.bytes.empty()) return true;
    bent.due.pop_front();
    const auto gap = bent.to_client.options().gap;
    if (gap.count() > 0 && on_the_way() > 0) pause(gap);
    return true;
}

void WireSocket::pause(Duration gap) {
    bent_->pauses = true;
    bent_->pause_timer.expires_after(gap);
    bent_->pause_timer.async_wait([self = shared_from_this()](const error_code& error) {
        self->bent_->pauses = false;
        if (!error) self->meet();
    });
}

// ---- in time

void WireSocket::set_time() {
    auto& bent = *bent_;
    std::optional<Instant> next;
    const auto consider = [&](std::optional<Instant> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    consider(bent.to_server.flush_due());
    consider(bent.to_client.flush_due());
    if (!bent.arriving.empty()) consider(bent.arriving.front().at);
    if (!bent.leaving.empty()) consider(bent.leaving.front().at);
    if (!next || !socket_.is_open()) return shared_.timers.cancel(bent.timer);
    shared_.timers.set(
        bent.timer,
        {.kind = Deadline::Kind::wire, .at = *next, .connection = connection_},
        [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->meet();
        }
    );
}

void WireSocket::meet() {
    const auto self = shared_from_this();
    if (!socket_.is_open()) return;
    write_due();
    const bool readable = let_arrive();
    set_time();
    if (readable) call_readers();
    if (on_the_way() < most_on_a_wire || broken_) call_writers();
    if (socket_.is_open() && (reader_ || bent_->to_server.vanishes())) watch_socket();
    tell_moved();
}

void WireSocket::tell_moved() const {
    if (shared_.on_moved) shared_.on_moved();
}

void WireSocket::call_readers() {
    if (const auto reader = std::exchange(reader_, {})) reader();
}

void WireSocket::call_writers() {
    if (const auto writer = std::exchange(writer_, {})) writer();
}

// ---- the end

void WireSocket::end(wire::End::How how) {
    if (!socket_.is_open()) return;
    auto& bent = bend();
    reader_ = {};
    writer_ = {};
    linger();
    if (bent.to_client.vanishes()) return;
    bent.held_end = how;
    if (bent.to_client.stalled()) return;
    let_end_travel();
    meet();
}

void WireSocket::let_end_travel() {
    auto& bent = *bent_;
    const auto now = shared_.clock.now();
    append(bent.leaving, bent.octets_leaving, bent.to_client.flush(now));
    bent.leaving.push_back({.at = bent.to_client.carry_end(now), .end = std::exchange(bent.held_end, {})});
}

void WireSocket::ignore() { linger(); }

// Nobody is interested any more but the client: what it still says is thrown away, until it closes.
void WireSocket::linger() {
    shared_.lingering.insert(shared_from_this());
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
        if (error || !self->socket_.is_open()) return;
        std::array<Byte, most_in_one_read> buffer;
        error_code failed;
        while (!failed) self->socket_.read_some(asio::buffer(buffer), failed);
        if (failed == asio::error::would_block) return self->linger();
        self->reset();
        self->tell_moved();
    });
}

// A reset throws away what the kernel has not sent yet: so not before it has.
void WireSocket::perform_end(wire::End::How how, int tries_left) {
    if (how == wire::End::How::fin) return close();
    if (tries_left == 0 || octets_in_kernel(socket_.native_handle()) == 0) return reset();
    bent_->pauses = true;
    bent_->pause_timer.expires_after(end_interval);
    bent_->pause_timer.async_wait([self = shared_from_this(), how, tries_left](const error_code& error) {
        self->bent_->pauses = false;
        if (error || !self->socket_.is_open()) return;
        self->perform_end(how, tries_left - 1);
        self->tell_moved();
    });
}

void WireSocket::reset() {
    error_code ignored;
    if (socket_.is_open()) socket_.set_option(tcp::socket::linger(true, 0), ignored);
    close();
}

void WireSocket::close() {
    const auto self = shared_from_this();
    reader_ = {};
    writer_ = {};
    error_code ignored;
    if (socket_.is_open()) socket_.close(ignored);
    shared_.lingering.erase(self);
    if (!bent_) return;
    bent_->due.clear();
    bent_->leaving.clear();
    bent_->pause_timer.cancel();
    shared_.timers.cancel(bent_->timer);
}

}  // namespace simbroker::drive
