// With x-single-active-consumer one consumer at a time gets messages: the next one when that is gone, not before.
#include <fmt/format.h>

#include <map>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class SingleActive final : public Invariant {
public:
    explicit SingleActive(std::optional<Finding>& first)
        : Invariant("single-active", "RabbitMQ: single active consumer", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* plan = delivery.queue.plan;
        if (!plan || plan->use != QueueUse::single_active || !delivery.consumer) return;
        auto& active = active_[delivery.queue.name];
        const auto now = delivery.consumer->number;
        if (active != now && ledger.consumer(active)) {
            broken(
                ledger,
                fmt::format(
                    "{} of {} goes to a consumer on connection {}, while the active one on connection {} is still "
                    "there",
                    delivery.what.id,
                    delivery.queue.name,
                    delivery.channel.connection.value,
                    ledger.consumer(active)->channel.connection.value
                )
            );
        }
        active = now;
    }

private:
    std::map<std::string, std::uint64_t> active_;
};

}  // namespace

InvariantPtr single_active(std::optional<Finding>& first) { return std::make_unique<SingleActive>(first); }

}  // namespace simbroker::explore
