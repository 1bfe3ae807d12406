// A client's socket, and what the wire to it is made to do. Reading and writing are plain non-blocking calls, as with
// the socket itself; a wire that was bent lets octets arrive, both ways, when Link says, in broker time. TLS goes
// through it, so that a bent wire bends what really is on it, from the first octet of the handshake on.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/core/wire.hpp"
#include "simbroker/drive/asio_server_clock.hpp"
#include "simbroker/drive/asio_server_timers.hpp"
#include "simbroker/drive/link.hpp"

namespace simbroker::drive {

class WireSocket;

// What all wires of a server share.
struct WireShared {
    TimeSource& clock;
    BrokerTimers& timers;
    LinkOptions usual_to_server{};
    LinkOptions usual_to_client{};
    LinkOptions to_server{};  // of every new one
    LinkOptions to_client{};

    LinkOptions bent(const LinkOptions& link, Toward toward, const wire::Change& change) const;
    std::function<void()> on_moved{};                   // octets were given to a socket, later than they were written
    std::set<std::shared_ptr<WireSocket>> lingering{};  // nobody's any more, and not closed yet
};

class WireSocket : public std::enable_shared_from_this<WireSocket> {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Handler = std::function<void()>;

    WireSocket(Socket socket, WireShared& shared, Seed seed, std::uint64_t number);

    // From here on octets travel in their own time; LinkOptions of the server's do that from the start.
    void change(Toward toward, const wire::Change& change);
    void name(ConnectionId connection) { connection_ = connection; }  // whose wire this is, once that is known
    ConnectionId connection() const { return connection_; }

    // As the calls of a socket: would_block when nothing has arrived, or there is no room.
    std::size_t read(std::span<codec::wire::Byte> into, boost::system::error_code& error);
    std::size_t write(std::span<const boost::asio::const_buffer> pieces, boost::system::error_code& error);
    // Calls once, when it may be worth another try. `close` forgets the handlers.
    void wait_to_read(Handler handler);
    void wait_to_write(Handler handler);

    bool is_open() const { return socket_.is_open(); }
    bool is_bent() const { return bent_ != nullptr; }
    Socket::executor_type executor() { return socket_.get_executor(); }
    // Nothing that is due waits for anything but room in the socket.
    bool settled() const;
    // Octets that were written and are not the client's kernel's yet.
    std::size_t on_the_way() const;
    std::size_t most_in_a_tls_record() const;
    const Socket& socket() const { return socket_; }

    void reset();                  // RST at once
    void close();                  // FIN, unless nothing gets through any more
    void end(wire::End::How how);  // after what is on the way; this lives on for so long
    void ignore();                 // from the beginning: what the client says is thrown away, and it hears nothing

private:
    struct Piece {
        Instant at{};
        codec::wire::Bytes bytes{};
        std::optional<wire::End::How> end{};
    };
    struct Bent {
        Link to_server;
        Link to_client;
        std::deque<Piece> leaving{};   // to the client, and not there yet
        std::deque<Piece> due{};       // has to be written now
        std::deque<Piece> arriving{};  // from the client, and not here yet
        std::size_t octets_leaving = 0;
        std::size_t octets_arriving = 0;
        codec::wire::Bytes arrived{};
        std::size_t arrived_read = 0;
        std::optional<boost::system::error_code> end{};  // of what arrives; told after it
        bool client_ended = false;                       // nothing more is to be read from the socket
        std::optional<wire::End::How> held_end{};        // behind a stall
        bool waits_for_socket = false;                   // to have something
        bool waits_for_room = false;
        bool pauses = false;
        boost::asio::steady_timer pause_timer;
        BrokerTimers::Handle timer{};
    };

    Bent& bend();
    void set_time();
    void meet();
    void take_from_socket();
    bool may_take() const;
    void watch_socket();
    void append(std::deque<Piece>& pieces, std::size_t& octets, std::vector<Link::Arrival> arrivals);
    static void put_together(std::deque<Piece>& pieces);
    bool let_arrive();
    void write_due();
    bool write_front();
    void perform_end(wire::End::How how, int tries_left);
    void pause(Duration gap);
    void call_readers();
    void call_writers();
    void linger();
    void tell_moved() const;
    void let_end_travel();

    Socket socket_;
    WireShared& shared_;
    Seed seed_;
    std::uint64_t number_;
    ConnectionId connection_{};
    std::unique_ptr<Bent> bent_;
    Handler reader_;
    Handler writer_;
    boost::system::error_code broken_{};
};

}  // namespace simbroker::drive
