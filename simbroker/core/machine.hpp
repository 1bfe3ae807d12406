// What a driver drives: the broker itself, or a broker seen through a fault plan. See broker.hpp for the contract.
#pragma once

#include <optional>

#include "simbroker/core/deadline.hpp"
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

    // That deadline with its name. A machine that has no names for its deadlines calls them all `other`.
    virtual std::optional<Deadline> what_is_next() const {
        const auto at = next_deadline();
        if (!at) return std::nullopt;
        return Deadline{.at = *at};
    }
};

}  // namespace simbroker
