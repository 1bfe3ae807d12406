// On a channel in confirm mode every publish is confirmed or refused, once, or its channel ends.
#include <fmt/format.h>

#include "simbroker/explore/invariant.hpp"

namespace simbroker::explore {
namespace {

class PublishesAnswered final : public Invariant {
public:
    explicit PublishesAnswered(std::optional<Finding>& first)
        : Invariant("publishes-answered", "091/confirm.all-messages-acknowledged", first) {}

    void confirming(const Ledger& ledger, ChannelKey key, std::uint64_t tag, const MessageRecord* message) override {
        if (message) return;
        broken(
            ledger, fmt::format("connection {} gets a confirm of tag {}, which is owed none", key.connection.value, tag)
        );
    }

    void calm(const Ledger& ledger, const Census&) override {
        for (const auto& [key, channel] : ledger.channels()) {
            if (channel.awaited.empty()) continue;
            const auto& [tag, number] = *channel.awaited.begin();
            return broken(
                ledger,
                fmt::format(
                    "{}, tag {} on connection {}, was never confirmed",
                    ledger.messages()[number].id,
                    tag,
                    key.connection.value
                )
            );
        }
    }
};

}  // namespace

InvariantPtr publishes_answered(std::optional<Finding>& first) { return std::make_unique<PublishesAnswered>(first); }

}  // namespace simbroker::explore
