// A broker with its network in virtual time, for clients that live outside of the simulation and are driven from
// there: an event loop of another language, for instance. What Server is on sockets this is without any: it listens,
// accepts, refuses while the broker is down, and is recorded. Whoever holds it moves the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/control/command.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/core/input.hpp"
#include "simbroker/drive/link.hpp"
#include "simbroker/drive/simulation.hpp"
#include "simbroker/drive/timed_event.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::drive {

struct SimulatedServerOptions {
    BrokerConfig config{};
    Seed seed = 0;
    LinkOptions to_broker{};  // of every connection
    LinkOptions to_client{};
    std::uint16_t port = 5672;
    std::optional<std::filesystem::path> trace{};
    std::size_t most_events = std::size_t{1} << 20;  // kept; older ones are forgotten first
};

// What a client learns from its end of a connection.
struct News {
    enum class Kind : std::uint8_t { accepted, octets, ended, reset, refused };
    ConnectionId connection;
    Kind kind{};
    codec::wire::Bytes octets{};
};

class SimulatedServer {
public:
    // Throws std::runtime_error if the trace cannot be written.
    explicit SimulatedServer(SimulatedServerOptions options);
    ~SimulatedServer();
    SimulatedServer(const SimulatedServer&) = delete;
    SimulatedServer& operator=(const SimulatedServer&) = delete;

    // The clients' side. Nothing happens before the next run.
    ConnectionId connect();
    void send(ConnectionId, codec::wire::BytesView octets);
    void disconnect(ConnectionId);

    // Goes on until a client learns something, or the limit is reached (then that is now), or `most_steps` are taken.
    // Without a limit also until nothing is left that could happen.
    std::vector<News> run(std::optional<Instant> limit, std::size_t most_steps = 10'000);
    Instant now() const;
    std::optional<Instant> next_event() const;
    std::optional<Instant> next_deadline() const;

    // The operator's and the network's side; at once.
    void inject(const Input& input);
    control::Answer ask(const Input& input);
    control::Answer operate(Operation operation) { return ask(Operate{std::move(operation)}); }
    std::vector<fault::RuleStatus> faults() const;
    void drop(ConnectionId);  // RST to both ends
    void stall(ConnectionId, Toward);
    void resume(ConnectionId, Toward);
    std::vector<ConnectionId> connections() const;
    std::uint16_t port() const;  // where clients find the broker; a fault may move it

    std::vector<TimedEvent> events_since(std::uint64_t sequence) const;
    std::chrono::seconds epoch() const;

    // One number for the whole trace up to now: configuration, seed, inputs with their instants, outputs.
    std::uint64_t trace_hash() const;
    void finish();  // completes the trace; nothing may happen afterwards

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace simbroker::drive
