// A broker that is a function: of its configuration, a seed and timed inputs.
//
// The contract, for every driver and every author of a handler:
//
//  1. Time is told. `now` never goes back (asserted); nothing in the core can ask for it.
//  2. Chance is seeded. Names and every other draw come from Prng, forked by purpose.
//  3. No threads, sockets, callbacks, logging, globals or environment. Every iteration order is defined: by
//     name, by age or by number, never by hash or address.
//  4. Work and memory for one input are bounded by the configuration; to exceed a bound is a named violation.
//  5. A handler returns its reply or a Violation. One function turns a violation into close frames.
//  6. What happened is an output like any other (Event). Reports read events, never the internals.
//
// Same configuration, same seed, same inputs: the same outputs, octet for octet, with any compiler and driver.
// One thread at a time may use a Broker; separate Brokers share nothing.
#pragma once

#include <memory>

#include "simbroker/core/config.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/core/prng.hpp"

namespace simbroker {

class Broker final : public Machine {
public:
    Broker(BrokerConfig config, Seed seed);
    ~Broker() override;

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override;
    std::optional<Deadline> what_is_next() const override;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace simbroker
