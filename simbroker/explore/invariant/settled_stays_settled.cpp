// What was acknowledged, or rejected without requeueing, does not come back, unless a crash undid it.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class SettledStaysSettled final : public Invariant {
public:
    explicit SettledStaysSettled(std::optional<Finding>& first)
        : Invariant("settled-stays-settled", "1.8.3.13 basic.ack", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* place = delivery.place;
        if (!place || place->may_return) return;
        if (place->fate != Fate::acked && place->fate != Fate::discarded) return;
        broken(
            ledger,
            fmt::format(
                "{} of {} is delivered again, and was {}",
                delivery.what.id,
                delivery.queue.name,
                place->fate == Fate::acked ? "acknowledged" : "rejected without requeueing"
            )
        );
    }
};

}  // namespace

InvariantPtr settled_stays_settled(std::optional<Finding>& first) {
    return std::make_unique<SettledStaysSettled>(first);
}

}  // namespace simbroker::explore
