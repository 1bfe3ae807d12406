// A confirm says that the message is the broker's responsibility: persistent, it outlives every crash; transient, it
// outlives all but a stop. So does what was published in a transaction that was committed.
#include <fmt/format.h>

#include <chrono>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class ConfirmedNotLost final : public Invariant {
public:
    explicit ConfirmedNotLost(std::optional<Finding>& first)
        : Invariant("confirmed-not-lost", "091/confirm.all-messages-acknowledged", first) {}

    void end(const Ledger& ledger, const Census&) override {
        for (const auto& [name, queue] : ledger.queues()) {
            if (!queue.plan || !queue.exists) continue;
            for (const auto& [number, place] : queue.places) {
                if (!ledger.is_owed(number, place)) continue;
                const auto& message = ledger.messages()[number];
                const std::chrono::duration<double> at = message.published.time_since_epoch();
                return broken(
                    ledger,
                    fmt::format(
                        "{} {} in {} was confirmed, published at {:.6f} s, and is gone: {} deliveries, {} returns",
                        message.persistent ? "persistent" : "transient",
                        message.id,
                        name,
                        at.count(),
                        place.deliveries,
                        place.returns
                    )
                );
            }
        }
    }
};

}  // namespace

InvariantPtr confirmed_not_lost(std::optional<Finding>& first) { return std::make_unique<ConfirmedNotLost>(first); }

}  // namespace simbroker::explore
