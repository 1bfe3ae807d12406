// No more messages are outstanding with a consumer than the prefetch count allows.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class PrefetchKept final : public Invariant {
public:
    explicit PrefetchKept(std::optional<Finding>& first)
        : Invariant("prefetch", "091/basic.qos.prefetch-count.01", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* consumer = delivery.consumer;
        if (!consumer || delivery.no_ack || consumer->prefetch == 0) return;
        if (consumer->outstanding < consumer->prefetch) return;
        broken(
            ledger,
            fmt::format(
                "{} of {} goes to a consumer that has {} unacknowledged messages, with a prefetch count of {}",
                delivery.what.id,
                delivery.queue.name,
                consumer->outstanding,
                consumer->prefetch
            )
        );
    }
};

}  // namespace

InvariantPtr prefetch_kept(std::optional<Finding>& first) { return std::make_unique<PrefetchKept>(first); }

}  // namespace simbroker::explore
