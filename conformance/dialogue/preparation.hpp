// What a dialogue needs of the broker before it begins, and what it leaves behind.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "conformance/dialogue/dialogue.hpp"
#include "conformance/step/stage.hpp"
#include "simbroker/core/config.hpp"

namespace conformance::dialogue {

// The configuration with what the dialogue says of it. Texts may use $user, $password and $vhost.
std::expected<simbroker::BrokerConfig, std::string> configured(
    const simbroker::BrokerConfig& base, const Dialogue& dialogue, const step::Login& login
);

// What a dialogue asks of a broker that is running already, by what one has to say on the command line about it.
struct Demands {
    bool an_operator = false;          // `operate`, or operations of its configuration
    bool other_configuration = false;  // what only a configuration file can say
};
Demands demands_of(const Dialogue&);

// The operations its configuration wants performed.
std::expected<std::vector<simbroker::Operation>, std::string> operations_before(
    const Dialogue& dialogue, const step::Login& login
);
// What undoes an operation, if something does: users, virtual hosts, policies and alarms go.
std::vector<simbroker::Input> undone(const simbroker::Input&);

}  // namespace conformance::dialogue
