// An exclusive consumer is its queue's only one.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class ExclusiveAlone final : public Invariant {
public:
    explicit ExclusiveAlone(std::optional<Finding>& first)
        : Invariant("exclusive", "091/basic.consume.exclusive.01", first) {}

    void consuming(const Ledger& ledger, const QueueRecord& queue, const ConsumerRecord& fresh) override {
        for (const auto number : queue.consumers) {
            const auto* other = ledger.consumer(number);
            if (!other || !(other->exclusive || fresh.exclusive)) continue;
            return broken(
                ledger,
                fmt::format(
                    "{} gets a consumer on connection {} beside that on connection {}, and one of them is exclusive",
                    queue.name,
                    fresh.channel.connection.value,
                    other->channel.connection.value
                )
            );
        }
    }
};

}  // namespace

InvariantPtr exclusive_alone(std::optional<Finding>& first) { return std::make_unique<ExclusiveAlone>(first); }

}  // namespace simbroker::explore
