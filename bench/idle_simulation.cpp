// The broker and a peer that answers each heartbeat with one of its own.
#include "bench/idle_simulation.hpp"

#include <fmt/format.h>

#include <chrono>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"

namespace bench {

std::expected<IdleResult, std::string> idle(int days) {
    using namespace codec::amqp091;
    using simbroker::drive::Simulation;

    const auto start = std::chrono::steady_clock::now();
    simbroker::Broker broker({}, 0);
    Simulation simulation(broker);
    FrameSplitter splitter(frame_min_size);
    IdleResult result;
    Bytes heartbeat;
    append_heartbeat(heartbeat);
    const auto id = simulation.connect([&](Simulation& running, simbroker::ConnectionId self) {
        const auto octets = running.received(self);
        splitter.feed(octets);
        while (const auto frame = splitter.next()) {
            if (!*frame || (*frame)->type != frame_type::heartbeat) continue;
            ++result.heartbeats_received;
            ++result.heartbeats_sent;
            running.send(self, heartbeat);
        }
    });
    simulation.send(id, simbroker::drive::login_octets({.heartbeat = 60}));
    simulation.advance(std::chrono::days(days));
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (simulation.closed(id)) return std::unexpected("the broker closed the idle connection");
    const auto least = static_cast<std::uint64_t>(days) * 24 * 60;
    if (result.heartbeats_received < least) {
        return std::unexpected(
            fmt::format("only {} heartbeats came, expected {} or more", result.heartbeats_received, least)
        );
    }
    return result;
}

}  // namespace bench
