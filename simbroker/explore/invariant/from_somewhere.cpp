// What is delivered was published: the same octets, the same exchange and routing key, not rolled back, and into this
// queue.
#include <fmt/format.h>

#include "simbroker/explore/client.hpp"
#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class FromSomewhere final : public Invariant {
public:
    explicit FromSomewhere(std::optional<Finding>& first)
        : Invariant("from-somewhere", "4.7 content, 1.8.3.9 basic.deliver", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto why = what_is_wrong(delivery);
        if (why.empty()) return;
        broken(ledger, fmt::format("\"{}\" delivered from {}: {}", delivery.what.id, delivery.queue.name, why));
    }

private:
    static std::string what_is_wrong(const DeliveryRecord& delivery) {
        const auto* message = delivery.message;
        if (!message) return "nobody published it";
        if (message->body != delivery.what.body) {
            return fmt::format("its body is \"{}\", published was \"{}\"", delivery.what.body, message->body);
        }
        if (message->answer == Answer::rolled_back) return "its transaction was rolled back";
        // Dead-lettered, it has the exchange and key it was published with last.
        const auto* plan = delivery.queue.plan;
        if (plan && plan->use == QueueUse::retry) return {};
        if (message->exchange != delivery.what.exchange || message->routing_key != delivery.what.routing_key) {
            return fmt::format(
                "it says exchange \"{}\", routing key \"{}\", and was published to \"{}\", \"{}\"",
                delivery.what.exchange,
                delivery.what.routing_key,
                message->exchange,
                message->routing_key
            );
        }
        if (plan && plan->name != message->routing_key) return "it was published to " + message->routing_key;
        return {};
    }
};

}  // namespace

InvariantPtr from_somewhere(std::optional<Finding>& first) { return std::make_unique<FromSomewhere>(first); }

}  // namespace simbroker::explore
