// Real time for conversations over TCP: together with real_clock.cpp the only place of conformance/ that reads a clock.
#pragma once

#include <chrono>

#include "simbroker/core/instant.hpp"

namespace conformance::runner {

class RealClock {
public:
    RealClock();

    simbroker::Instant now() const;
    // For poll(): milliseconds until then, rounded up, at least 0.
    int milliseconds_until(simbroker::Instant) const;

private:
    std::chrono::nanoseconds began_;
};

}  // namespace conformance::runner
