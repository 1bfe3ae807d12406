// One connection of the server: reads when its wire has something, writes what the broker said, and never lets a peer
// that does not read take more memory than it may. It knows nothing of AMQP.
//
// Waiting is Asio's (readiness), reading and writing are plain non-blocking calls: so no octet is ever inside Asio,
// and the server can read at any moment all that clients have sent (asio_server.hpp, advance).
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/connection_id.hpp"
#include "simbroker/drive/asio_server_tls.hpp"
#include "simbroker/drive/asio_server_wire.hpp"

namespace simbroker::drive {

// What all sessions of a server share.
struct SessionShared {
    std::size_t unsent_pause = 0;
    std::size_t unsent_drop = 0;
    std::vector<codec::wire::Byte> read_buffer{};
    codec::wire::Bytes tls_record{};  // what is put together for one write through TLS
    std::function<void(ConnectionId, codec::wire::BytesView)> on_received{};
    std::function<void(ConnectionId)> on_gone{};    // by the peer or by a limit; called once, not after close or reset
    std::function<void(ConnectionId)> on_closed{};  // after close_after_sending, when all is given to the wire
    std::function<void(ConnectionId)> on_sent{};    // the wire took octets, or will not take more now
};

class Session : public std::enable_shared_from_this<Session> {
public:
    // `tls`: after its handshake; nothing: the octets go as they are.
    Session(std::shared_ptr<WireSocket> wire, std::unique_ptr<TlsStream> tls, ConnectionId id, SessionShared& shared);

    ConnectionId id() const { return id_; }
    bool is_open() const { return state_ == Open::reading; }  // neither gone nor being closed

    void wait_for_octets();
    void hold_back();  // what comes stays in the transport
    void go_on();
    // One client that never stops must not keep the others waiting: so many reads, then the next one's turn.
    static constexpr int most_reads_in_a_row = 1;
    void read_what_is_there(int most_reads = most_reads_in_a_row);

    void send(codec::wire::Bytes bytes);  // queues; flush() writes
    void flush();
    // After all that was sent; `rst` is how RabbitMQ closes.
    void close_after_sending(wire::End::How how = wire::End::How::rst);
    void reset();    // at once; nobody is told
    void finish();   // FIN and close, at once
    void abandon();  // finish, and never call back
    void change_wire(Toward toward, const wire::Change& change);

    std::size_t unsent() const { return unsent_; }
    // Nothing to write, or nothing that the kernel would take now.
    bool settled() const { return (unsent_ == 0 || waits_for_room_ || !wire_->is_open()) && wire_->settled(); }

private:
    enum class Open : std::uint8_t { reading, closing, closed };
    enum class Wrote : std::uint8_t { some, nothing };

    void end(wire::End::How how);
    void tell_the_end(bool of_peer);
    bool may_read() const { return state_ == Open::reading && !held_back_ && unsent_ <= shared_.unsent_pause; }
    std::size_t read_some(boost::system::error_code& error);
    std::size_t write_some(std::span<const boost::asio::const_buffer> pieces, boost::system::error_code& error);
    Wrote write_queue();
    void wait_for_room();
    void give_the_end_to_the_wire();

    std::shared_ptr<WireSocket> wire_;
    std::unique_ptr<TlsStream> tls_;
    ConnectionId id_;
    SessionShared& shared_;
    boost::asio::steady_timer close_timer_;
    Open state_ = Open::reading;
    wire::End::How closes_by_ = wire::End::How::rst;
    bool abandoned_ = false;
    bool held_back_ = false;
    bool waits_for_octets_ = false;
    bool waits_for_room_ = false;
    std::deque<codec::wire::Bytes> queue_;
    std::size_t front_written_ = 0;  // octets of queue_.front()
    std::size_t unsent_ = 0;         // octets in queue_, without those
};

}  // namespace simbroker::drive
