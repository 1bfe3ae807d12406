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
        case MishapKind::coalesce:
        case MishapKind::split: bend_link(mishap, client, id); break;
        case MishapKind::half_open:
            for (const auto way : {Toward::server, Toward::client}) simulation.change(Wire{id, way, wire::Vanish{}});
            half_open_.insert(id);
            stage_.agenda.after(mishap.lasts, [this, id] { end_half_open(id); });
            break;
        case MishapKind::close_connection:
            simulation.inject(CloseConnection{id, "CONNECTION_FORCED - Closed via management plugin"});
            break;
        case MishapKind::crash:
        case MishapKind::restart:
        case MishapKind::memory_alarm:
        case MishapKind::disk_alarm:
        case MishapKind::delete_queue:
        case MishapKind::purge_queue:
        case MishapKind::refuse:
        case MishapKind::slow_disk:
        case MishapKind::slow_queue:
        case MishapKind::move_leader: break;  // they hit nobody alone
    }
}

void Weather::end_half_open(ConnectionId id) {
    if (half_open_.erase(id) > 0) stage_.simulation.reset(id);
}

void Weather::bend_link(const Mishap& mishap, const Client& client, ConnectionId id) {
    Prng chance(mishap.draw);
    LinkOptions bent{.latency = client.plan().latency};
    if (mishap.kind == MishapKind::slow_link) {
        bent.latency = Milliseconds(chance.below(500));
        bent.jitter = Milliseconds(chance.below(200));
        bent.octets_per_second = chance.chance(1, 2) ? 2000 + chance.below(20'000) : 0;
    } else if (mishap.kind == MishapKind::coalesce) {
        bent.coalesce = Milliseconds(1 + chance.below(500));
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
        case MishapKind::delete_queue:
        case MishapKind::purge_queue:
        case MishapKind::slow_queue:
        case MishapKind::move_leader: to_queue(mishap); break;
        case MishapKind::refuse:
            simulation.change(Door{door::Refuse{}});
            stage_.agenda.after(mishap.lasts, [&simulation] { simulation.change(Door{door::Open{}}); });
            break;
        case MishapKind::slow_disk:
            operate(operation::SlowDisk{delay_of(mishap).count()});
            stage_.agenda.after(mishap.lasts, [this] { operate(operation::SlowDisk{}); });
            break;
        case MishapKind::reset:
        case MishapKind::hang_up:
        case MishapKind::stall:
        case MishapKind::slow_link:
        case MishapKind::split:
        case MishapKind::coalesce:
        case MishapKind::half_open:
        case MishapKind::close_connection: break;  // they hit a client
    }
}

// What makes no sense for this queue an operator is told, and nothing happens.
void Weather::to_queue(const Mishap& mishap) {
    const auto& queue = mishap.queue;
    if (mishap.kind == MishapKind::delete_queue) operate(operation::DeleteQueue{.queue = queue});
    if (mishap.kind == MishapKind::purge_queue) operate(operation::PurgeQueue{.queue = queue});
    if (mishap.kind == MishapKind::move_leader) {
        operate(operation::MoveLeader{.queue = queue, .election = static_cast<std::int64_t>(mishap.lasts.count())});
    }
    if (mishap.kind != MishapKind::slow_queue) return;
    operate(operation::SlowQueue{.queue = queue, .each = 1 + static_cast<std::int64_t>(mishap.draw % 100)});
    stage_.agenda.after(mishap.lasts, [this, queue] { operate(operation::SlowQueue{.queue = queue}); });
}

void Weather::clear() {
    auto& simulation = stage_.simulation;
    simulation.inject(Start{});
    simulation.inject(SetAlarm{SetAlarm::Resource::memory, SetAlarm::State::cleared});
    simulation.inject(SetAlarm{SetAlarm::Resource::disk, SetAlarm::State::cleared});
    simulation.change(Door{door::Open{}});
    operate(operation::SlowDisk{});
    for (const auto& queue : stage_.plan.queues) operate(operation::SlowQueue{.queue = queue.name});
    while (!half_open_.empty()) end_half_open(*half_open_.begin());
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
