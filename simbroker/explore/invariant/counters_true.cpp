// What the broker counts in its queues is what is in them.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class CountersTrue final : public Invariant {
public:
    explicit CountersTrue(std::optional<Finding>& first)
        : Invariant("counters", "RabbitMQ: messages_ready and messages_unacknowledged of list_queues", first) {}

    void listed(const Ledger& ledger, const QueueRow& row) override {
        const auto found = ledger.queues().find(row.name);
        if (found == ledger.queues().end() || !found->second.plan) return;
        const auto& queue = found->second;
        if (row.unacknowledged != queue.out) {
            return broken(
                ledger,
                fmt::format("{} counts {} unacknowledged, clients have {}", row.name, row.unacknowledged, queue.out)
            );
        }
        if (queue.plan->use == QueueUse::retry) return;  // what waits in its second queue nobody sees
        std::uint64_t least = 0;
        std::uint64_t most = 0;
        for (const auto& [number, place] : queue.places) {
            if (ledger.is_owed(number, place)) ++least;
            if (place.fate == Fate::waiting || place.may_return) ++most;
        }
        if (row.ready >= least && row.ready <= most) return;
        broken(ledger, fmt::format("{} counts {} ready, there are {} to {}", row.name, row.ready, least, most));
    }

    void end(const Ledger& ledger, const Census& census) override {
        for (const auto& row : census.queues) {
            const auto found = census.found.find(row.name);
            if (found == census.found.end() || found->second == row.ready + row.unacknowledged) continue;
            broken(
                ledger,
                fmt::format(
                    "{} counted {} ready and {} unacknowledged, and {} came out of it",
                    row.name,
                    row.ready,
                    row.unacknowledged,
                    found->second
                )
            );
        }
    }
};

}  // namespace

InvariantPtr counters_true(std::optional<Finding>& first) { return std::make_unique<CountersTrue>(first); }

}  // namespace simbroker::explore
