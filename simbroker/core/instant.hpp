// Broker time. The core is told the time and cannot ask for it: the clock has no now().
#pragma once

#include <chrono>

namespace simbroker {

using Duration = std::chrono::nanoseconds;

struct BrokerClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BrokerClock, duration>;
    static constexpr bool is_steady = true;
};

// Time since the broker came into being. BrokerConfig::epoch says which calendar second that was.
using Instant = BrokerClock::time_point;

}  // namespace simbroker
