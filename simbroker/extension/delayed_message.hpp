// x-delayed-message: how long a message waits, in what form it comes out, and those that wait. The virtual host asks
// before it routes; the row of the exchange type is in delayed_message.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "simbroker/model/context.hpp"
#include "simbroker/model/exchange.hpp"

namespace simbroker::extension {

// Nothing where the exchange is of another type, the message has waited before, or its header x-delay is not good for a
// delay: a number of milliseconds above 0 and up to the 2^32 - 1 that a timer of Erlang takes.
std::optional<Duration> delay_of(const model::ExchangeAttributes& exchange, const model::Message& message);

// The message that comes out at the end of the delay. No exchange delays it again.
model::MessagePtr delayed_form(const model::MessagePtr& message, const profile::Profile& profile);

struct DelayedMessage {
    std::string exchange;
    model::MessagePtr message;
    Instant due;
    model::Timers::Handle timer;
};

class DelayedMessages {
public:
    void add(model::Context& context, const std::string& exchange, model::MessagePtr message, Duration delay);

    // Takes out one whose time has come; nothing if it is another virtual host's.
    std::optional<DelayedMessage> take(model::Context& context, std::uint64_t id);

    const DelayedMessage* find(std::uint64_t id) const {
        const auto found = waiting_.find(id);
        return found == waiting_.end() ? nullptr : &found->second;
    }

    // They are on disk: who waits while the broker is down comes out when it is up again, or later.
    void pause(model::Context& context);
    void resume(model::Context& context);
    void clear(model::Context& context);

private:
    std::map<std::uint64_t, DelayedMessage> waiting_;
};

}  // namespace simbroker::extension
