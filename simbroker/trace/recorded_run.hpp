// For tests: the trace of a short conversation, in memory.
#pragma once

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "simbroker/core/trace.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::trace {

struct RecordedRun {
    Seed seed = 0;
    std::string_view body = "hello";
    std::string_view garbage = "";  // instead of a publish
    bool crashes = false;
    Duration latency = std::chrono::milliseconds(5);
};

// Two clients connect at 5 ms; the first publishes at 1 s and leaves, or the broker crashes, at 2 s.
inline std::string recorded_run(const RecordedRun& run = {}) {
    using namespace std::chrono_literals;
    std::ostringstream out;
    TraceWriter writer(out, {.config = {}, .seed = run.seed});
    RecordingMachine machine(fault::broker_with_faults({}, run.seed), writer);
    drive::Simulation simulation(machine, {.to_broker = {.latency = run.latency}, .to_peer = {.latency = run.latency}});
    const auto first = simulation.connect();
    const auto second = simulation.connect();
    simulation.send(first, drive::login_octets());
    simulation.send(second, drive::login_octets());
    simulation.run_until(Instant(995ms));
    codec::wire::Bytes publish;
    if (run.garbage.empty()) {
        drive::append_publish(publish, "nowhere", codec::wire::as_bytes(run.body));
    } else {
        const auto garbage = codec::wire::as_bytes(run.garbage);
        publish.assign(garbage.begin(), garbage.end());
    }
    simulation.send(first, publish);
    simulation.run_until(Instant(1995ms));
    if (run.crashes) {
        simulation.inject(Crash{});
    } else {
        simulation.disconnect(first);
    }
    simulation.run_until(Instant(3s));
    writer.end();
    return out.str();
}

}  // namespace simbroker::trace
