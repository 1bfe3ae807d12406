// The broker on real sockets. This and its parts (asio_server_*.cpp) are the only place with a wall clock.
//
// A server has one thread of its own, which alone touches the broker; every method here may be called from any other
// thread. With a manual clock the sockets are real and broker time stands still but for advance(): a test of a
// 30-minute TTL ends at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/control/command.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/core/deadline.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/core/wire.hpp"
#include "simbroker/drive/timed_event.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::drive {

enum class ClockKind : std::uint8_t { wall, scaled, manual };

struct ClockChoice {
    ClockKind kind = ClockKind::wall;
    double factor = 1;  // scaled: broker seconds in one second of the wall clock

    // "wall", "manual", or "x" and a positive number ("x100", "x0.5").
    static std::expected<ClockChoice, std::string> parse(std::string_view text);

    friend bool operator==(const ClockChoice&, const ClockChoice&) = default;
};

std::string to_string(const ClockChoice&);  // what parse takes

// RabbitMQ's ssl_options.verify and fail_if_no_peer_cert in one.
enum class PeerVerification : std::uint8_t {
    none,      // no certificate is asked for
    peer,      // one that is given has to be good
    required,  // one has to be given, too
};

// Files are in PEM.
struct TlsCertificate {
    std::filesystem::path certificate{};
    std::filesystem::path key{};
};

struct TlsOptions {
    std::uint16_t port = 0;  // 0: a free one
    TlsCertificate shown{};
    std::map<std::string, TlsCertificate> others{};  // that door::ShowCertificate can ask for, by name
    std::filesystem::path authority{};  // whose signature on a client's certificate is good; empty: nobody's
    PeerVerification verification = PeerVerification::none;
};

// The control API (control/) over HTTP.
struct ControlOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: a free one
    std::string token{};     // asked of every request; needed where the address is not this machine's own
};

struct ServerOptions {
    std::string host{};               // an address or a name; empty: loopback, 127.0.0.1 and where available ::1
    std::uint16_t port = 0;           // 0: a free one
    std::optional<TlsOptions> tls{};  // listens with TLS on a second port
    ClockChoice clock{};
    BrokerConfig config{};
    Seed seed = 0;
    std::optional<std::filesystem::path> trace{};  // record everything the broker sees and says
    std::optional<ControlOptions> control{};
    std::vector<std::string> faults{};  // rules of fault/README.md, as JSON, that are there from the beginning

    // Puts a machine in front of the broker and its faults. The trace records what is behind it.
    std::function<std::unique_ptr<Machine>(std::unique_ptr<Machine>)> wrap{};

    // Called on the server's thread for every event, as it happens. It must not call the server.
    std::function<void(Instant, const Event&)> on_event{};
    std::size_t most_events = 1 << 16;  // kept for events() and take_events(); older ones are forgotten first

    // With a manual clock: called on the server's thread when no client has said anything for so long in real time
    // while something is due: whoever waits for the broker then waits for ever. The text says what is due, and what to
    // do.
    std::function<void(const std::string&)> on_waiting{};
    std::chrono::milliseconds waiting_after{5000};

    // A client that does not read. Above the first the server stops reading from it and its consumers get nothing;
    // above the second, which replies alone can reach, it drops it.
    std::size_t unsent_pause = std::size_t{1} << 20;
    std::size_t unsent_drop = std::size_t{256} << 20;

    LinkOptions to_client{};  // of every connection
    LinkOptions to_server{};
};

// What went wrong, where, and what was expected.
class ServerError : public std::runtime_error {
public:
    enum class Kind : std::uint8_t {
        cannot_listen,  // port in use, unknown host, no permission
        trace_file,     // cannot be written
        wrong_clock,    // advance() without a manual clock
        bad_input,      // inject() of something that is not an operator's
        closed,         // after close()
        failed,         // the broker's thread ended by an exception (a defect of ours): its text
    };

    ServerError(Kind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
    Kind kind() const { return kind_; }

private:
    Kind kind_;
};

// Where advance_to_next() went.
struct Reached {
    Duration passed{};
    Deadline deadline;
};

class Server {
public:
    // Binds, listens and starts its thread: when the constructor returns, clients can connect. Throws ServerError.
    explicit Server(ServerOptions options);
    ~Server();  // close()
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    const std::string& host() const;  // the address clients use, "127.0.0.1" by default
    std::uint16_t port() const;
    std::optional<std::uint16_t> tls_port() const;
    std::optional<std::string> control_url() const;  // "http://127.0.0.1:PORT"
    // "amqp://guest:guest@127.0.0.1:PORT/", of the first account. With a manual clock "?heartbeat=0" follows: a
    // client's own timers run on the wall clock, so it could not keep pace with advance() and would be dropped as dead.
    std::string url() const;

    Instant now() const;
    std::optional<Instant> next_deadline() const;
    std::optional<Deadline> what_is_next() const;

    // Manual clock only. Octets that clients have sent are handled first, at the old instant; then every deadline on
    // the way, in order, each at its instant. Returns when all effects have been given to the sockets.
    void advance(Duration);
    // To the next deadline, however far; nothing if there is none.
    std::optional<Reached> advance_to_next();

    // An input of an operator's; returns when it is done and its effects are given to the sockets.
    void inject(Input);
    // The same with what the broker, or the machine with the faults, says to it.
    control::Answer ask(Input);
    control::Answer operate(Operation operation) { return ask(Operate{std::move(operation)}); }
    std::vector<fault::RuleStatus> faults() const;
    // Shuts down and, when the clients have closed or have had a second of real time for it, starts.
    void restart();
    // Between two tests: clients are told 320 and closed, and then everything is as it was when the server began, but
    // for the numbers of events, which go on. A trace goes on in a new file; the old one gets a number: its name.
    std::optional<std::string> reset();
    // Resets the transport under a client, as a failing network would.
    void drop(ConnectionId);
    // As if the machine had said so: from now on the wire does that.
    void change(const Wire&);
    void change(const Door&);

    std::vector<ConnectionId> connections() const;  // by age
    std::size_t connection_count() const { return connections().size(); }

    // Events, oldest first: those whose sequence number is `since` or later; or all that nobody has taken.
    std::vector<TimedEvent> events(std::uint64_t since = 0) const;
    std::vector<TimedEvent> take_events();
    // Waits (wall time) until an event with sequence number `since` or later exists. False: the time is over.
    bool wait_for_event(std::uint64_t since, std::chrono::milliseconds at_most) const;

    // Tells every client 320, sends what is queued, closes and ends the trace. May be called more than once. Throws
    // ServerError if the trace could not be written to its end.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace simbroker::drive
