// One exploration as data: which queues there are, what each virtual client does and when, and what goes wrong when.
//
// A plan says all that a run depends on, so that parts of it can be left out (shrink.hpp) and the rest stays what it
// was: a step carries the seed of its own details, a client decides about a delivery by the message, not by its turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simbroker/core/prng.hpp"

namespace simbroker::explore {

using Milliseconds = std::chrono::milliseconds;

// What a queue is for decides its arguments and how it is consumed.
enum class QueueUse : std::uint8_t {
    work,           // durable, acknowledged
    quorum,         // the same, of type quorum
    single_active,  // x-single-active-consumer
    exclusive,      // consumers ask to be the only one
    auto_ack,       // consumers do not acknowledge
    retry,          // what is rejected goes to a second queue, waits there, and comes back by dead-lettering
    requests,       // of RPC: responders consume it and answer to reply_to
};

enum class Role : std::uint8_t {
    publisher,   // with confirms
    consumer,    // acknowledges, rejects, cancels, recovers
    transactor,  // publishes, gets and acknowledges in transactions
    requester,   // RPC by direct reply-to
    responder,   // the other side of it
    getter,      // basic.get
    churner,     // declares, binds, deletes, and is wrong about it now and then
};

enum class MishapKind : std::uint8_t {
    reset,      // RST on a client's connection
    hang_up,    // the client's side ends without connection.close
    stall,      // nothing gets through one way for a while
    slow_link,  // latency, jitter, little bandwidth
    split,      // octets arrive one by one, or in small pieces
    crash,      // the broker's power goes, and comes back
    restart,    // an orderly stop and start
    memory_alarm,
    disk_alarm,
    delete_queue,  // by an operator, under its consumers
    purge_queue,
    close_connection,  // by an operator
    coalesce,          // what is written within a while arrives at once
    half_open,         // octets vanish both ways, and later the connection is reset
    refuse,            // nobody listens for a while
    slow_disk,
    slow_queue,
    move_leader,  // of a quorum queue
};

std::string_view to_string(QueueUse);
std::string_view to_string(Role);
std::string_view to_string(MishapKind);
std::span<const std::string_view> queue_use_names();  // in the order of the enumerators, as the next two
std::span<const std::string_view> role_names();
std::span<const std::string_view> mishap_names();

struct QueuePlan {
    std::string name;
    QueueUse use{};

    friend bool operator==(const QueuePlan&, const QueuePlan&) = default;
};

// When something is to be done, and the seed of how.
struct Step {
    Milliseconds at{};
    std::uint64_t draw = 0;

    friend bool operator==(const Step&, const Step&) = default;
};

struct ClientPlan {
    std::uint32_t number = 0;  // from 1; it stays the same when others are left out
    Role role{};
    std::vector<std::string> queues{};
    std::uint16_t prefetch = 0;   // 0: no limit
    std::uint16_t heartbeat = 0;  // seconds; 0: none
    Milliseconds latency{};
    Milliseconds think{};             // from a delivery to its settlement, at most
    std::uint32_t refuse_permille{};  // of deliveries that are not acknowledged at first
    std::uint32_t ack_every = 1;      // more: so many at once, with multiple
    std::vector<Step> steps{};

    friend bool operator==(const ClientPlan&, const ClientPlan&) = default;
};

struct Mishap {
    MishapKind kind{};
    Milliseconds at{};
    Milliseconds lasts{};
    std::uint32_t client = 0;  // of those that hit a client
    std::string queue{};       // of those that hit a queue
    std::uint64_t draw = 0;

    friend bool operator==(const Mishap&, const Mishap&) = default;
};

struct Plan {
    Seed seed = 0;
    std::string profile;
    Milliseconds length{};      // while clients take steps and mishaps happen
    Milliseconds calm{};        // after it, for everything to drain
    Milliseconds disk_delay{};  // BrokerConfig::disk_sync_delay
    std::vector<QueuePlan> queues{};
    std::vector<ClientPlan> clients{};
    std::vector<Mishap> mishaps{};

    friend bool operator==(const Plan&, const Plan&) = default;
};

const QueuePlan* find_queue(const Plan&, std::string_view name);
Milliseconds delay_of(const Mishap& slow_disk);  // of a write, while it lasts
// What was written so long ago is on the disk for certain.
Milliseconds slowest_disk(const Plan&);

// Reading tells the path of what is wrong: "clients[2].role: ...".
std::string to_json(const Plan&);
std::expected<Plan, std::string> plan_from_json(std::string_view json);

}  // namespace simbroker::explore
