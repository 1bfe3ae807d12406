// Where a conversation takes place: how octets reach the peer under test, and how time passes. In process time is
// virtual, over TCP it is real; steps cannot tell. A line is one transport, named by a ConnectionId.
#pragma once

#include <optional>
#include <vector>

#include "conformance/step/trouble.hpp"
#include "simbroker/core/input.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/wire.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace conformance::step {

using simbroker::Duration;
using simbroker::Instant;
using LineId = simbroker::ConnectionId;

struct Arrival {
    enum class Kind : std::uint8_t {
        opened,    // role client: the client has connected
        received,  // octets of the peer under test
        sent,      // role client: octets the client got, whoever sent them; for the transcript
        ended,     // the peer under test, or the network, has ended the transport
        dropped,   // role client: the server's side has ended it
        said,      // a line of the shim: `message`
        exited,    // the shim has ended: `message` says how
        struck,    // role client: a fault of the scenario has acted: `message` says what it did
    };

    Kind kind{};
    LineId line{};
    codec::wire::Bytes octets{};
    nlohmann::json message{};
};

// Where to log in and as whom.
struct Login {
    std::string user = "guest";
    std::string password = "guest";
    std::string vhost = "/";
};

class Stage {
public:
    virtual ~Stage() = default;

    virtual const Login& login() const = 0;

    virtual Instant now() const = 0;
    // Until something arrives (true) or `until` is reached (false).
    virtual bool wait(Instant until) = 0;
    virtual std::vector<Arrival> take_arrivals() = 0;
    // Whether the broker of this stage was made with the configuration that the scenario wants.
    virtual bool is_configured() const { return false; }
    // How long `advance` may take here; nothing: as long as it likes.
    virtual std::optional<Duration> longest_advance() const = 0;

    virtual std::expected<LineId, Trouble> open() = 0;
    virtual void send(LineId, codec::wire::BytesView octets) = 0;
    virtual void drop(LineId) = 0;

    // An operator's action on the simulated broker.
    virtual Outcome operate(const simbroker::Input& input) = 0;

    // The client under test, through its shim, and what the scenario does to it.
    virtual Outcome request(const nlohmann::json& request) = 0;
    virtual void end_shim() = 0;  // its input ends; it has to exit
    virtual std::string shim_errors() = 0;
    virtual const std::vector<std::string>& operations() const = 0;
    virtual std::string connect_target() const = 0;  // host:port the client is to connect to
    virtual Outcome add_fault(simbroker::fault::Rule rule) = 0;
    virtual Outcome clear_faults() = 0;
    virtual Outcome release(const std::string& label) = 0;
    virtual Outcome shape_wire(simbroker::Segmentation segmentation) = 0;
};

}  // namespace conformance::step
