// What a channel was allowed to do, which RabbitMQ's does not ask again: the last twelve answers about exchanges and
// queues, and as many about topics, until the channel has had nothing to do for a second. So a permission that is taken
// away lasts for who is busy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "simbroker/core/instant.hpp"
#include "simbroker/model/memory_account.hpp"
#include "simbroker/model/users.hpp"

namespace simbroker::server091 {

class RememberedPermissions {
public:
    explicit RememberedPermissions(model::MemoryAccount& account) : charge_(account, 0) {}

    struct Allowed {
        model::Permission permission{};
        std::string_view kind;      // exchange, queue or topic
        std::string_view name;      // of the exchange or the queue
        std::string_view key = {};  // of a topic
    };

    bool has(const Allowed& allowed) const {
        return std::ranges::any_of(kept_about(allowed), [&](const Kept& kept) { return kept == allowed; });
    }

    void keep(const Allowed& allowed) {
        auto& kept = kept_about(allowed);
        kept.push_back({allowed.permission, allowed.kind, std::string(allowed.name), std::string(allowed.key)});
        charge_.add(price_of(kept.back()));
        if (kept.size() <= most) return;
        charge_.subtract(price_of(kept.front()));
        kept.pop_front();
    }

    // The channel has something to do.
    void wake(Instant now) {
        if (now - awake_at_ >= patience) {
            resources_.clear();
            topics_.clear();
            charge_.resize(0);
        }
        awake_at_ = now;
    }

private:
    static constexpr std::size_t most = 12;
    static constexpr auto patience = std::chrono::seconds(1);

    struct Kept {
        model::Permission permission;
        std::string_view kind;
        std::string name;
        std::string key;

        friend bool operator==(const Kept& kept, const Allowed& allowed) {
            return kept.permission == allowed.permission && kept.kind == allowed.kind && kept.name == allowed.name &&
                   kept.key == allowed.key;
        }
    };

    static std::size_t price_of(const Kept& kept) { return sizeof(Kept) + kept.name.size() + kept.key.size(); }

    std::deque<Kept>& kept_about(const Allowed& allowed) { return allowed.kind == "topic" ? topics_ : resources_; }
    const std::deque<Kept>& kept_about(const Allowed& allowed) const {
        return allowed.kind == "topic" ? topics_ : resources_;
    }

    std::deque<Kept> resources_;
    std::deque<Kept> topics_;
    model::Charge charge_;
    Instant awake_at_{};
};

}  // namespace simbroker::server091
