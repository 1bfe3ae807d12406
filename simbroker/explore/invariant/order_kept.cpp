// Messages that take one path (channel, queue, channel) arrive in the order in which they were sent, unless
// redelivered.
#include <fmt/format.h>

#include <map>
#include <tuple>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class OrderKept final : public Invariant {
public:
    explicit OrderKept(std::optional<Finding>& first) : Invariant("order", "091/pdf-4.7-ordering", first) {}

    void delivering(const Ledger& ledger, const DeliveryRecord& delivery) override {
        const auto* message = delivery.message;
        const auto* place = delivery.place;
        if (!message || delivery.what.redelivered || (place && (place->deliveries > 0 || place->hop > 0))) return;
        // What came back after a crash, or was dead-lettered, has taken another path.
        if (place && place->may_return) return;
        const Path path{
            delivery.queue.name,
            delivery.queue.incarnation,
            message->from,
            delivery.channel,
            delivery.consumer ? delivery.consumer->number : 0
        };
        auto& last = last_[path];
        if (delivery.number < last) {
            broken(
                ledger,
                fmt::format(
                    "{} of {} comes after {}, which was published later on the same channel",
                    message->id,
                    delivery.queue.name,
                    ledger.messages()[last].id
                )
            );
        }
        last = delivery.number;
    }

private:
    // Queue and its incarnation, the publisher's channel, the consumer's, and which consumer there.
    using Path = std::tuple<std::string, std::uint32_t, ChannelKey, ChannelKey, std::uint64_t>;

    std::map<Path, std::uint64_t> last_;
};

}  // namespace

InvariantPtr order_kept(std::optional<Finding>& first) { return std::make_unique<OrderKept>(first); }

}  // namespace simbroker::explore
