// What a driver drives: the broker itself, or a broker seen through a fault plan. See broker.hpp for the contract.
#pragma once

#include <optional>

#include "simbroker/core/input.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/output.hpp"

namespace simbroker {

class Machine {
public:
    virtual ~Machine() = default;

    // `now` never goes back. Whatever was due by then is done first.
    virtual Outputs handle(Instant now, const Input& input) = 0;

    // When `handle(..., DeadlineReached{})` is wanted next, if nothing else happens before.
    virtual std::optional<Instant> next_deadline() const = 0;
};

}  // namespace simbroker
