// A message that was delivered before says so, and while one client has it no other gets it.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class DuplicatesFlagged final : public Invariant {
public:
    explicit DuplicatesFlagged(std::optional<Finding>& first)
        : Invariant("duplicates-flagged", "091/redelivered.implementation", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* place = delivery.place;
        if (!place || place->may_return) return;
        if (place->fate == Fate::out) {
            broken(
                ledger,
                fmt::format(
                    "{} of {} is delivered, and is with a client already", delivery.what.id, delivery.queue.name
                )
            );
        } else if (place->deliveries > 0 && !delivery.what.redelivered) {
            broken(
                ledger,
                fmt::format(
                    "{} of {} is delivered again, for the {}. time, without redelivered",
                    delivery.what.id,
                    delivery.queue.name,
                    place->deliveries + 1
                )
            );
        }
    }
};

}  // namespace

InvariantPtr duplicates_flagged(std::optional<Finding>& first) { return std::make_unique<DuplicatesFlagged>(first); }

}  // namespace simbroker::explore
