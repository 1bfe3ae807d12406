// The simulated broker, and in a file all that it hears and says, as `simbroker replay` takes it.
#pragma once

#include <memory>

#include "conformance/runner/stage_options.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/core/machine.hpp"

namespace conformance::runner {

// The configuration with what a scenario wants otherwise, which its loader has checked.
simbroker::BrokerConfig configured(const simbroker::BrokerConfig&, const nlohmann::json& otherwise);

// Without a file in the options just the broker. The file is whole when the machine is gone. Throws
// simbroker::drive::ServerError if it cannot be written.
std::unique_ptr<simbroker::Machine> traced_broker(const simbroker::BrokerConfig&, const StageOptions&);

}  // namespace conformance::runner
