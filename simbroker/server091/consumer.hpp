// A consumer of a channel (1.8.3.3): what a queue asks about it, and how it takes a message.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "simbroker/model/subscribers.hpp"
#include "simbroker/model/timers.hpp"

namespace simbroker::server091 {

class Channel;

enum class Acknowledgement : std::uint8_t { automatic, manual };  // the no-ack bit
enum class OwnMessages : std::uint8_t { wanted, unwanted };       // the no-local bit, where a profile honours it

struct ConsumerTerms {
    std::string tag;
    model::QueueId queue;
    Acknowledgement acknowledgement{};
    OwnMessages own_messages = OwnMessages::wanted;
    std::int64_t priority = 0;
    std::uint32_t prefetch_count = 0;                                 // 0: unlimited; as it was when the consumer came
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;  // its own, for its deliveries
    model::Charge charge{};
};

class Consumer final : public model::Subscriber {
public:
    Consumer(Channel& channel, std::uint64_t number, ConsumerTerms terms)
        : channel_(channel), number_(number), terms_(std::move(terms)) {}

    std::string_view tag() const override { return terms_.tag; }
    std::int64_t priority() const override { return terms_.priority; }
    bool has_credit() const override;
    bool has_credit_for(const model::QueuedMessage& message) const override;
    bool may_get(const model::Queue& queue, const model::QueuedMessage& message) const override;
    bool holds_messages() const override { return unacknowledged > 0; }
    void deliver(model::Queue& queue, model::QueuedMessage message) override;
    void queue_deleted(model::Queue& queue) override;

    std::uint64_t number() const { return number_; }  // of the channel; a tag may come again, a number does not
    const ConsumerTerms& terms() const { return terms_; }

    std::uint32_t unacknowledged = 0;
    std::uint32_t timed_out = 0;  // of these; until they are settled it gets nothing

private:
    Channel& channel_;
    std::uint64_t number_;
    ConsumerTerms terms_;
};

}  // namespace simbroker::server091
