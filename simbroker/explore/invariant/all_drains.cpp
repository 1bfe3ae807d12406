// Liveness: when nothing goes wrong any more, every client is back, and every queue with a consumer becomes empty.
#include <fmt/format.h>

#include <algorithm>

#include "simbroker/explore/client.hpp"
#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class AllDrains final : public Invariant {
public:
    explicit AllDrains(std::optional<Finding>& first)
        : Invariant("all-drains", "4.7 content: messages go to consumers as far as these take them", first) {}

    void calm(const Ledger& ledger, const Census& census) override {
        if (!census.absent.empty()) {
            const auto length = std::chrono::duration_cast<std::chrono::seconds>(ledger.plan().calm);
            broken(
                ledger, fmt::format("client {} is not back after {} s of calm", census.absent.front(), length.count())
            );
        }
        for (const auto& [name, queue] : ledger.queues()) {
            if (!queue.plan || queue.consumers.empty()) continue;
            expect_empty(ledger, census, name);
            if (queue.plan->use == QueueUse::retry) expect_empty(ledger, census, retry_queue_of(name));
        }
    }

private:
    void expect_empty(const Ledger& ledger, const Census& census, const std::string& name) {
        const auto row = std::ranges::find(census.queues, name, &QueueRow::name);
        if (row == census.queues.end() || row->ready + row->unacknowledged == 0) return;
        broken(
            ledger,
            fmt::format(
                "{} has a consumer, and still {} ready and {} unacknowledged", name, row->ready, row->unacknowledged
            )
        );
    }
};

}  // namespace

InvariantPtr all_drains(std::optional<Finding>& first) { return std::make_unique<AllDrains>(first); }

}  // namespace simbroker::explore
