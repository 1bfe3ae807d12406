// A machine whose answers wait a little, so that those to several requests, and what comes of its own accord, reach
// the peer in one write. The order of what one connection hears stays as it is.
#pragma once

#include <map>
#include <memory>

#include "simbroker/core/machine.hpp"

namespace conformance::runner {

class CoalescingMachine final : public simbroker::Machine {
public:
    // Each write waits so long after the first octet in it.
    static constexpr simbroker::Duration wait = std::chrono::milliseconds(15);

    explicit CoalescingMachine(std::unique_ptr<simbroker::Machine> inner) : inner_(std::move(inner)) {}

    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override;
    std::optional<simbroker::Instant> next_deadline() const override;

private:
    struct Held {
        simbroker::Instant due;
        codec::wire::Bytes octets;
    };

    void release(simbroker::ConnectionId, simbroker::Outputs& into);

    std::unique_ptr<simbroker::Machine> inner_;
    std::map<simbroker::ConnectionId, Held> held_;
};

}  // namespace conformance::runner
