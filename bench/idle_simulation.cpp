// The broker and peers that answer each heartbeat with one of its own.
#include "bench/idle_simulation.hpp"

#include <fmt/format.h>

#include <chrono>
#include <deque>

#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/drive/client_octets.hpp"
#include "simbroker/drive/simulation.hpp"

namespace bench {

namespace {

using namespace codec::amqp091;
using simbroker::drive::Simulation;

class Peer {
public:
    explicit Peer(Simulation& simulation) {
        append_heartbeat(heartbeat_);
        id_ = simulation.connect([this](Simulation& running, simbroker::ConnectionId) { hear(running); });
        simulation.send(id_, simbroker::drive::login_octets({.heartbeat = 60}));
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    simbroker::ConnectionId id() const { return id_; }
    std::uint64_t heard() const { return heard_; }

private:
    void hear(Simulation& running) {
        const auto octets = running.received(id_);
        splitter_.feed(octets);
        while (const auto frame = splitter_.next()) {
            if (!*frame || (*frame)->type != frame_type::heartbeat) continue;
            ++heard_;
            running.send(id_, heartbeat_);
        }
    }

    simbroker::ConnectionId id_{};
    FrameSplitter splitter_{frame_min_size};
    Bytes heartbeat_;
    std::uint64_t heard_ = 0;
};

}  // namespace

std::expected<IdleResult, std::string> idle(const IdleOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    simbroker::Broker broker({}, 0);
    Simulation simulation(broker);
    std::deque<Peer> peers;
    for (int number = 0; number < options.connections; ++number) peers.emplace_back(simulation);
    simulation.advance(std::chrono::days(options.days));
    IdleResult result;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto least = static_cast<std::uint64_t>(options.days) * 24 * 60;
    for (const auto& peer : peers) {
        if (simulation.closed(peer.id()) || peer.heard() < least) {
            return std::unexpected(
                fmt::format("a connection heard {} heartbeats, expected {} or more", peer.heard(), least)
            );
        }
        result.heartbeats += 2 * peer.heard();
    }
    return result;
}

}  // namespace bench
