// Plans and their JSON. Times are whole milliseconds, a step is [at, draw].
#include "simbroker/explore/plan.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "simbroker/explore/fields.hpp"

namespace simbroker::explore {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> queue_uses{
    "work", "quorum", "single_active", "exclusive", "auto_ack", "retry", "requests"
};
constexpr std::array<std::string_view, 7> roles{
    "publisher", "consumer", "transactor", "requester", "responder", "getter", "churner"
};
constexpr std::array<std::string_view, 18> mishaps{
    "reset",
    "hang_up",
    "stall",
    "slow_link",
    "split",
    "crash",
    "restart",
    "memory_alarm",
    "disk_alarm",
    "delete_queue",
    "purge_queue",
    "close_connection",
    "coalesce",
    "half_open",
    "refuse",
    "slow_disk",
    "slow_queue",
    "move_leader",
};

json json_of(const ClientPlan& client) {
    auto steps = json::array();
    for (const auto& step : client.steps) steps.push_back({step.at.count(), step.draw});
    return {
        {"number", client.number},
        {"role", to_string(client.role)},
        {"queues", client.queues},
        {"prefetch", client.prefetch},
        {"heartbeat", client.heartbeat},
        {"latency", client.latency.count()},
        {"think", client.think.count()},
        {"refuse_permille", client.refuse_permille},
        {"ack_every", client.ack_every},
        {"steps", std::move(steps)}
    };
}

json json_of(const Mishap& mishap) {
    json object{{"kind", to_string(mishap.kind)}, {"at", mishap.at.count()}, {"draw", mishap.draw}};
    if (mishap.lasts.count() != 0) object["lasts"] = mishap.lasts.count();
    if (mishap.client != 0) object["client"] = mishap.client;
    if (!mishap.queue.empty()) object["queue"] = mishap.queue;
    return object;
}

void read_steps(Fields& fields, std::vector<Step>& steps) {
    fields.list("steps", [&](const json& pair, const std::string& path) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() || !pair[1].is_number_unsigned()) {
            if (fields.error().empty()) fields.error() = path + ": expected [milliseconds, draw]";
            return;
        }
        steps.push_back({Milliseconds(pair[0].get<std::int64_t>()), pair[1].get<std::uint64_t>()});
    });
}

ClientPlan read_client(const json& object, const std::string& path, std::string& error) {
    ClientPlan client;
    Fields fields(object, path, error);
    fields.number("number", client.number, 1);
    fields.choice("role", client.role, roles);
    fields.texts("queues", client.queues);
    fields.number("prefetch", client.prefetch);
    fields.number("heartbeat", client.heartbeat);
    fields.milliseconds("latency", client.latency);
    fields.milliseconds("think", client.think);
    fields.number("refuse_permille", client.refuse_permille);
    fields.number("ack_every", client.ack_every, 1);
    read_steps(fields, client.steps);
    fields.no_others();
    return client;
}

Mishap read_mishap(const json& object, const std::string& path, std::string& error) {
    Mishap mishap;
    Fields fields(object, path, error);
    fields.choice("kind", mishap.kind, mishaps);
    fields.milliseconds("at", mishap.at);
    fields.milliseconds("lasts", mishap.lasts);
    fields.number("client", mishap.client);
    fields.text("queue", mishap.queue);
    fields.number("draw", mishap.draw);
    fields.no_others();
    return mishap;
}

QueuePlan read_queue(const json& object, const std::string& path, std::string& error) {
    QueuePlan queue;
    Fields fields(object, path, error);
    fields.text("name", queue.name);
    fields.choice("use", queue.use, queue_uses);
    fields.no_others();
    return queue;
}

// A client can use only queues that there are.
void check_queues(const Plan& plan, std::string& error) {
    for (const auto& client : plan.clients) {
        for (const auto& name : client.queues) {
            if (find_queue(plan, name) || !error.empty()) continue;
            error =
                fmt::format("clients: number {} uses the queue \"{}\", which is not in queues", client.number, name);
        }
    }
}

}  // namespace

std::string_view to_string(QueueUse use) { return queue_uses[static_cast<std::size_t>(use)]; }
std::string_view to_string(Role role) { return roles[static_cast<std::size_t>(role)]; }
std::string_view to_string(MishapKind kind) { return mishaps[static_cast<std::size_t>(kind)]; }
std::span<const std::string_view> queue_use_names() { return queue_uses; }
std::span<const std::string_view> role_names() { return roles; }
std::span<const std::string_view> mishap_names() { return mishaps; }

Milliseconds delay_of(const Mishap& slow_disk) { return Milliseconds(slow_disk.draw % 3'000); }

Milliseconds slowest_disk(const Plan& plan) {
    auto slowest = plan.disk_delay;
    for (const auto& mishap : plan.mishaps) {
        if (mishap.kind == MishapKind::slow_disk) slowest = std::max(slowest, delay_of(mishap));
    }
    return slowest;
}

const QueuePlan* find_queue(const Plan& plan, std::string_view name) {
    const auto found = std::ranges::find(plan.queues, name, &QueuePlan::name);
    return found == plan.queues.end() ? nullptr : &*found;
}

std::string to_json(const Plan& plan) {
    json object{
        {"seed", plan.seed},
        {"profile", plan.profile},
        {"length", plan.length.count()},
        {"calm", plan.calm.count()},
        {"disk_delay", plan.disk_delay.count()},
        {"queues", json::array()},
        {"clients", json::array()},
        {"mishaps", json::array()}
    };
    for (const auto& queue : plan.queues) {
        object["queues"].push_back({{"name", queue.name}, {"use", to_string(queue.use)}});
    }
    for (const auto& client : plan.clients) object["clients"].push_back(json_of(client));
    for (const auto& mishap : plan.mishaps) object["mishaps"].push_back(json_of(mishap));
    return object.dump();
}

std::expected<Plan, std::string> plan_from_json(std::string_view text) {
    const auto object = json::parse(text, nullptr, false);
    if (object.is_discarded()) return std::unexpected("a plan: expected JSON");
    Plan plan;
    std::string error;
    Fields fields(object, "", error);
    fields.number("seed", plan.seed);
    fields.text("profile", plan.profile);
    fields.milliseconds("length", plan.length);
    fields.milliseconds("calm", plan.calm);
    fields.milliseconds("disk_delay", plan.disk_delay);
    fields.list("queues", [&](const json& queue, const std::string& path) {
        plan.queues.push_back(read_queue(queue, path, error));
    });
    fields.list("clients", [&](const json& client, const std::string& path) {
        plan.clients.push_back(read_client(client, path, error));
    });
    fields.list("mishaps", [&](const json& mishap, const std::string& path) {
        plan.mishaps.push_back(read_mishap(mishap, path, error));
    });
    fields.no_others();
    check_queues(plan, error);
    if (!error.empty()) return std::unexpected("a plan: " + error);
    return plan;
}

}  // namespace simbroker::explore
