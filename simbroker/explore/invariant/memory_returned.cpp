// When all messages are gone, the broker's account of their memory is back at zero: a bound that only grows would
// refuse everything in the end.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class MemoryReturned final : public Invariant {
public:
    explicit MemoryReturned(std::optional<Finding>& first)
        : Invariant("memory", "simbroker: BrokerConfig::max_memory", first) {}

    void end(const Ledger& ledger, const Census& census) override {
        if (!census.message_octets)
            return broken(ledger, "the broker does not say how many octets of messages it holds");
        if (*census.message_octets == 0) return;
        broken(
            ledger, fmt::format("all queues are empty, and the broker accounts for {} octets", *census.message_octets)
        );
    }
};

}  // namespace

InvariantPtr memory_returned(std::optional<Finding>& first) { return std::make_unique<MemoryReturned>(first); }

}  // namespace simbroker::explore
