#include "conformance/runner/real_clock.hpp"

#include <algorithm>

namespace conformance::runner {

namespace {

std::chrono::nanoseconds wall() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

RealClock::RealClock() : began_(wall()) {}

simbroker::Instant RealClock::now() const { return simbroker::Instant(wall() - began_); }

int RealClock::milliseconds_until(simbroker::Instant until) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000));
}

}  // namespace conformance::runner
