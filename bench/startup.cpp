// From before the fork to the line "ready".
#include "bench/startup.hpp"

#include <chrono>

#include "bench/served.hpp"

namespace bench {

std::expected<Startup, std::string> start_and_measure(const std::string& simbroker) {
    const auto start = std::chrono::steady_clock::now();
    const auto served = Served::start(simbroker);
    if (!served) return std::unexpected(served.error());
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
    return Startup{passed.count(), (*served)->resident_kilobytes() / 1024};
}

}  // namespace bench
