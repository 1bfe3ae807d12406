// What every part of one broker shares: its configuration, the present instant, names to give out, timers and outputs.
#pragma once

#include <set>
#include <string>

#include "simbroker/core/config.hpp"
#include "simbroker/core/prng.hpp"
#include "simbroker/model/disk.hpp"
#include "simbroker/model/memory_account.hpp"
#include "simbroker/model/outbox.hpp"
#include "simbroker/model/timers.hpp"

namespace simbroker::model {

struct Context {
    BrokerConfig config;
    Prng names;    // for server-generated names
    Prng choices;  // of exchanges that route by chance
    Instant now{};
    Timers timers;
    Disk disk;
    Timers::Handle disk_timer;
    Outbox outbox;
    std::set<ConnectionId> more_to_deliver;  // they had enough for one input, and their consumers could take more
    MemoryAccount memory;
    std::uint64_t next_queue_id = 1;
    std::uint64_t next_delayed_id = 1;

    Context(BrokerConfig configuration, Seed seed)
        : config(std::move(configuration)),
          names(Prng::fork(seed, "names")),
          choices(Prng::fork(seed, "choices")),
          disk(config.disk_sync_delay),
          memory(config.max_memory) {}

    WriteNumber write_to_disk() {
        const auto number = disk.write(now);
        watch_disk();
        return number;
    }

    void watch_disk() {
        if (const auto at = disk.next_sync(); at && !timers.is_set(disk_timer))
            timers.set(disk_timer, *at, DiskTimer{});
    }

    const profile::Profile& profile() const { return config.profile; }

    // Seconds since 1970, as the broker's calendar has it now.
    std::uint64_t calendar_seconds() const {
        const auto since_start = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
        return static_cast<std::uint64_t>((config.epoch + since_start).count());
    }

    void event(Event::Kind kind, std::string subject, std::string detail = {}, std::uint64_t number = 0) {
        outbox.event({.kind = kind, .subject = std::move(subject), .detail = std::move(detail), .number = number});
    }

    // Only if each message is to leave its trace.
    void message_event(
        Event::Kind kind, const std::string& subject, std::string_view detail = {}, std::uint64_t number = 0
    ) {
        if (config.observe_messages) event(kind, subject, std::string(detail), number);
    }
};

// prefix and 22 characters of base64url: 128 bits and 4 more, as RabbitMQ's names have.
std::string generated_name(std::string_view prefix, Prng& prng);

}  // namespace simbroker::model
