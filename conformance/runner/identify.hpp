// Which broker it is: its own word in connection.start.
#pragma once

#include "conformance/step/stage.hpp"

namespace conformance::runner {

struct Identity {
    std::string product;
    std::string version;
};

// Connects as far as connection.start. Nothing else of a scenario is needed, so this also tells whether anybody is
// there.
std::expected<Identity, std::string> identify_broker(step::Stage&);

}  // namespace conformance::runner
