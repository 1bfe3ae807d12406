// What was delivered to a consumer that does not acknowledge is settled by that: it does not come again.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class AtMostOnce final : public Invariant {
public:
    explicit AtMostOnce(std::optional<Finding>& first)
        : Invariant("at-most-once", "1.8.3.3 basic.consume, no-ack", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* place = delivery.place;
        if (!place || place->may_return || place->fate != Fate::taken) return;
        broken(
            ledger,
            fmt::format(
                "{} of {} is delivered again, after a delivery without acknowledgement",
                delivery.what.id,
                delivery.queue.name
            )
        );
    }
};

}  // namespace

InvariantPtr at_most_once(std::optional<Finding>& first) { return std::make_unique<AtMostOnce>(first); }

}  // namespace simbroker::explore
