// Draws a plan. Queues, clients and mishaps each have their own chance, so that more of one moves nothing of another.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "simbroker/explore/workload.hpp"

namespace simbroker::explore {
namespace {

template <std::size_t size>
std::size_t weighted(Prng& chance, const std::array<std::uint32_t, size>& weights) {
    const auto total = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    auto drawn = chance.below(std::max<std::uint64_t>(total, 1));
    for (std::size_t i = 0; i < size; ++i) {
        if (drawn < weights[i]) return i;
        drawn -= weights[i];
    }
    return 0;
}

template <class T>
const T& one_of(Prng& chance, const std::vector<T>& list) {
    return list[static_cast<std::size_t>(chance.below(list.size()))];
}

Milliseconds up_to(Prng& chance, Milliseconds most) {
    return Milliseconds(static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

void draw_queues(const Workload& workload, Plan& plan) {
    auto chance = Prng::fork(plan.seed, "explore queues");
    for (std::uint32_t i = 1; i <= workload.queues; ++i) {
        const auto use = static_cast<QueueUse>(weighted(chance, workload.uses));
        plan.queues.push_back({fmt::format("{}-{}", to_string(use), i), use});
    }
}

std::vector<std::string> some_queues(Prng& chance, const Plan& plan, std::size_t most) {
    std::vector<std::string> names;
    for (const auto& queue : plan.queues) {
        if (queue.use != QueueUse::requests) names.push_back(queue.name);
    }
    std::vector<std::string> chosen;
    for (auto count = 1 + chance.below(most); count > 0 && !names.empty(); --count) {
        const auto at = names.begin() + static_cast<std::ptrdiff_t>(chance.below(names.size()));
        chosen.push_back(*at);
        names.erase(at);
    }
    return chosen;
}

const std::string& requests_queue(Plan& plan) {
    const auto found = std::ranges::find(plan.queues, QueueUse::requests, &QueuePlan::use);
    if (found != plan.queues.end()) return found->name;
    return plan.queues.emplace_back(QueuePlan{"requests", QueueUse::requests}).name;
}

std::vector<std::string> queues_of(Role role, Prng& chance, Plan& plan) {
    switch (role) {
        case Role::publisher: return some_queues(chance, plan, plan.queues.size());
        case Role::consumer: return some_queues(chance, plan, 3);
        case Role::transactor:
        case Role::getter: return some_queues(chance, plan, 2);
        case Role::requester:
        case Role::responder: return {requests_queue(plan)};
        case Role::churner: break;
    }
    return {};
}

ClientPlan draw_client(const Workload& workload, Plan& plan, std::uint32_t number, Role role) {
    auto chance = Prng::fork(plan.seed, fmt::format("explore client {}", number));
    static const std::vector<std::uint16_t> prefetches{0, 1, 1, 2, 3, 10, 50};
    static const std::vector<std::uint16_t> heartbeats{0, 5, 10, 30};
    static const std::vector<std::uint32_t> refusals{0, 0, 100, 400};
    static const std::vector<std::uint32_t> batches{1, 1, 1, 3, 8};
    ClientPlan client{
        .number = number,
        .role = role,
        .queues = queues_of(role, chance, plan),
        .prefetch = one_of(chance, prefetches),
        .heartbeat = one_of(chance, heartbeats),
        .latency = up_to(chance, Milliseconds(20)),
        .think = up_to(chance, Milliseconds(chance.chance(1, 4) ? 2000 : 50)),
        .refuse_permille = one_of(chance, refusals),
        .ack_every = one_of(chance, batches),
    };
    // Who may have two messages and acknowledges three at a time waits for the third: no calm is long enough for that.
    if (client.prefetch > 0) client.ack_every = std::min<std::uint32_t>(client.ack_every, client.prefetch);
    const auto count = static_cast<std::uint64_t>(workload.steps_per_minute) *
                       static_cast<std::uint64_t>(workload.length.count()) / 60'000;
    // Consumers do little of themselves, or they would never come to consuming.
    const bool reactive = role == Role::consumer || role == Role::responder;
    for (std::uint64_t i = 0; i < (reactive ? count / 10 : count); ++i) {
        const auto at = up_to(chance, workload.length);
        client.steps.push_back({at, chance.next()});
    }
    std::ranges::stable_sort(client.steps, {}, &Step::at);
    return client;
}

void draw_clients(const Workload& workload, Plan& plan) {
    auto chance = Prng::fork(plan.seed, "explore roles");
    std::vector<Role> roles;
    for (std::uint32_t i = 0; i < workload.clients; ++i)
        roles.push_back(static_cast<Role>(weighted(chance, workload.roles)));
    const auto has = [&](Role role) { return std::ranges::find(roles, role) != roles.end(); };
    // Requests want to be answered.
    if (has(Role::requester) && !has(Role::responder)) {
        const auto last = std::ranges::find(roles, Role::requester);
        (last == roles.begin() ? roles.back() : roles.front()) = Role::responder;
    }
    std::uint32_t number = 0;
    for (const auto role : roles) plan.clients.push_back(draw_client(workload, plan, ++number, role));
}

bool hits_client(MishapKind kind) {
    return kind <= MishapKind::split || kind == MishapKind::close_connection || kind == MishapKind::coalesce ||
           kind == MishapKind::half_open;
}

bool hits_queue(MishapKind kind) {
    return kind == MishapKind::delete_queue || kind == MishapKind::purge_queue || kind == MishapKind::slow_queue ||
           kind == MishapKind::move_leader;
}

Mishap draw_mishap(Prng& chance, const Plan& plan, MishapKind kind) {
    Mishap mishap{.kind = kind, .at = up_to(chance, plan.length)};
    if (hits_client(kind)) mishap.client = one_of(chance, plan.clients).number;
    if (hits_queue(kind)) mishap.queue = one_of(chance, plan.queues).name;
    mishap.lasts = Milliseconds(1) + up_to(chance, Milliseconds(chance.chance(1, 8) ? 40'000 : 4'000));
    mishap.draw = chance.next();
    return mishap;
}

// The swarm: half of the kinds are possible in a seed, each with a strength of its own.
void draw_mishaps(const Workload& workload, Plan& plan) {
    auto chance = Prng::fork(plan.seed, "explore mishaps");
    auto weights = workload.mishaps;
    std::uint64_t strength = 0;
    std::uint64_t full = 0;
    for (auto& weight : weights) {
        full += std::uint64_t{weight} * 3;
        weight *= chance.chance(1, 2) ? static_cast<std::uint32_t>(chance.below(3)) + 1 : 0;
        strength += weight;
    }
    if (strength == 0) return;
    const auto count = std::uint64_t{workload.mishaps_per_minute} * 2 *
                       static_cast<std::uint64_t>(workload.length.count()) * strength / full / 60'000;
    for (std::uint64_t i = 0; i <= count; ++i) {
        plan.mishaps.push_back(draw_mishap(chance, plan, static_cast<MishapKind>(weighted(chance, weights))));
    }
    std::ranges::stable_sort(plan.mishaps, {}, &Mishap::at);
}

}  // namespace

Plan draw(const Workload& workload, Seed seed) {
    Plan plan{.seed = seed, .profile = workload.profile, .length = workload.length, .calm = workload.calm};
    auto chance = Prng::fork(seed, "explore disk");
    plan.disk_delay = Milliseconds(one_of(chance, workload.disk_delays));
    draw_queues(workload, plan);
    draw_clients(workload, plan);
    draw_mishaps(workload, plan);
    return plan;
}

}  // namespace simbroker::explore
