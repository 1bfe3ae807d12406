#include "simbroker/explore/weather.hpp"

#include <algorithm>

namespace simbroker::explore {

void Weather::schedule() {
    for (const auto& mishap : stage_.plan.mishaps) {
        stage_.agenda.at(Instant(mishap.at), [this, &mishap] { happen(mishap); });
    }
}

void Weather::happen(const Mishap& mishap) {
    if (mishap.client == 0) return to_broker(mishap);
    const auto hit =
        std::ranges::find_if(clients_, [&](const auto& client) { return client->plan().number == mishap.client; });
    if (hit == clients_.end()) return;
    if (const auto id = (*hit)->connection()) to_connection(mishap, **hit, *id);
}

void Weather::to_connection(const Mishap& mishap, const Client& client, ConnectionId id) {
    ++happened_;
    auto& simulation = stage_.simulation;
    switch (mishap.kind) {
        case MishapKind::reset: simulation.reset(id); break;
        case MishapKind::hang_up: simulation.disconnect(id); break;
        case MishapKind::stall: {
            const auto direction = mishap.draw % 2 == 0 ? Toward::server : Toward::client;
            simulation.stall(id, direction);
            stage_.agenda.after(mishap.lasts, [&simulation, id, direction] { simulation.resume(id, direction); });
            break;
        }
        case MishapKind::slow_link:
        case MishapKind::split: bend_link(mishap, client, id); break;
        case MishapKind::close_connection:
            simulation.inject(CloseConnection{id, "CONNECTION_FORCED - Closed via management plugin"});
            break;
        case MishapKind::crash:
        case MishapKind::restart:
        case MishapKind::memory_alarm:
        case MishapKind::disk_alarm:
        case MishapKind::delete_queue:
        case MishapKind::purge_queue: break;  // they hit nobody alone
    }
}

void Weather::bend_link(const Mishap& mishap, const Client& client, ConnectionId id) {
    Prng chance(mishap.draw);
    LinkOptions bent{.latency = client.plan().latency};
    if (mishap.kind == MishapKind::slow_link) {
        bent.latency = Milliseconds(chance.below(500));
        bent.jitter = Milliseconds(chance.below(200));
        bent.octets_per_second = chance.chance(1, 2) ? 2000 + chance.below(20'000) : 0;
    } else {
        bent.segmentation =
            chance.chance(1, 4)
                ? Segmentation{Segmentation::Kind::every_octet}
                : Segmentation{Segmentation::Kind::random, 1 + static_cast<std::size_t>(chance.below(40))};
    }
    const auto set = [this, id](LinkOptions options) {
        stage_.simulation.set_link(id, Toward::server, options);
        stage_.simulation.set_link(id, Toward::client, options);
    };
    set(bent);
    stage_.agenda.after(mishap.lasts, [set, latency = client.plan().latency] { set({.latency = latency}); });
}

void Weather::alarm(const Mishap& mishap, SetAlarm::Resource resource) {
    stage_.simulation.inject(SetAlarm{resource, SetAlarm::State::raised});
    stage_.agenda.after(mishap.lasts, [this, resource] {
        stage_.simulation.inject(SetAlarm{resource, SetAlarm::State::cleared});
    });
}

void Weather::to_broker(const Mishap& mishap) {
    ++happened_;
    auto& simulation = stage_.simulation;
    const auto start_later = [&] { stage_.agenda.after(mishap.lasts, [&simulation] { simulation.inject(Start{}); }); };
    switch (mishap.kind) {
        case MishapKind::crash:
            simulation.inject(Crash{});
            start_later();
            break;
        case MishapKind::restart:
            simulation.inject(Shutdown{});
            start_later();
            break;
        case MishapKind::memory_alarm: alarm(mishap, SetAlarm::Resource::memory); break;
        case MishapKind::disk_alarm: alarm(mishap, SetAlarm::Resource::disk); break;
        case MishapKind::delete_queue: simulation.inject(Operate{operation::DeleteQueue{.queue = mishap.queue}}); break;
        case MishapKind::purge_queue: simulation.inject(Operate{operation::PurgeQueue{.queue = mishap.queue}}); break;
        case MishapKind::reset:
        case MishapKind::hang_up:
        case MishapKind::stall:
        case MishapKind::slow_link:
        case MishapKind::split:
        case MishapKind::close_connection: break;  // they hit a client
    }
}

void Weather::clear() {
    auto& simulation = stage_.simulation;
    simulation.inject(Start{});
    simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::cleared});
    simulation.inject(SetAlarm{SetAlarm::Resource::disk, SetAlarm::State::cleared});
    for (const auto& client : clients_) {
        const auto id = client->connection();
        if (!id) continue;
        for (const auto direction : {Toward::server, Toward::client}) {
            simulation.set_link(*id, direction, {.latency = client->plan().latency});
            simulation.resume(*id, direction);
        }
    }
}

}  // namespace simbroker::explore
