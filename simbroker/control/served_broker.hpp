// A running broker as the API reaches it. Who serves one implements this: drive/asio_server_control on sockets, a test
// without any.
#pragma once

#include <cstdint>
#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/control/command.hpp"
#include "simbroker/core/deadline.hpp"
#include "simbroker/core/input.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/drive/timed_event.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::control {

// What does not change while it is served.
struct Description {
    std::string url;  // for clients
    std::optional<std::uint16_t> tls_port{};
    std::string profile;
    std::string clock;  // "manual", "wall", "x100"
    Seed seed = 0;
    std::optional<std::string> trace{};  // the file
};

enum class Condition : std::uint8_t { up, restarting, down };

// Each call is done, and all its effects are on their way, when the answer to the request goes out.
class ServedBroker {
public:
    virtual ~ServedBroker() = default;

    virtual Description describe() const = 0;
    virtual Condition condition() const = 0;

    virtual Instant now() const = 0;
    virtual std::optional<Deadline> next_deadline() const = 0;
    // With a manual clock only; `to` is not in the past.
    virtual void advance_to(Instant to) = 0;
    virtual std::optional<Deadline> advance_to_next() = 0;  // what it was

    virtual void inject(const Input& input) = 0;  // an operator's
    virtual Answer ask(const Input& input) = 0;   // the same, with what is said to it
    Answer operate(const Operation& operation) { return ask(Operate{operation}); }
    virtual std::vector<fault::RuleStatus> faults() const = 0;
    virtual void restart() = 0;  // an orderly stop, time for clients to close, and a start
    virtual std::vector<ConnectionId> connections() const = 0;
    virtual void drop(ConnectionId connection) = 0;

    // As if it had just been started. The file that the trace went on to be, if there was one; or why not.
    virtual std::expected<std::optional<std::string>, std::string> reset() = 0;

    virtual std::vector<drive::TimedEvent> events(std::uint64_t since) const = 0;
    virtual std::uint64_t next_event() const = 0;  // its sequence number

    // What was recorded until now, as a whole trace; or why there is none.
    virtual std::expected<std::string, std::string> trace() = 0;
};

}  // namespace simbroker::control
