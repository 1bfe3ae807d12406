// Where broker time comes from on real sockets: the wall clock, as it is or scaled, or nobody but advance().
#pragma once

#include <atomic>
#include <chrono>

#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

class TimeSource {
public:
    using Wall = std::chrono::steady_clock;

    explicit TimeSource(ClockChoice choice) : choice_(choice) { begin_again(); }

    bool is_manual() const { return choice_.kind == ClockKind::manual; }

    Instant now() const;                                                    // from any thread
    void begin_again();                                                     // at Instant zero
    void set(Instant to) { manual_.store(to.time_since_epoch().count()); }  // manual only

    // When the wall clock will have reached that broker time. A broken-off hour at most: whoever waits looks again.
    Wall::time_point wall_of(Instant at) const;

private:
    ClockChoice choice_;
    std::atomic<Wall::rep> start_{0};
    std::atomic<Duration::rep> manual_{0};
};

}  // namespace simbroker::drive
