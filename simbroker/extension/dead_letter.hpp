// Dead lettering: x-dead-letter-exchange, x-dead-letter-routing-key, and the headers that tell a message's deaths.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "simbroker/model/context.hpp"
#include "simbroker/model/message.hpp"

namespace simbroker::extension {

enum class DeathReason : std::uint8_t { rejected, expired, maxlen, delivery_limit };

std::string_view to_string(DeathReason);

// basic.reject and basic.nack differ where the profile says so.
enum class Rejection : std::uint8_t { reject, nack };

// A message on its way to a dead-letter exchange. The queue it died in may be gone when it gets there.
struct DeadLetter {
    model::MessagePtr message;
    DeathReason reason = DeathReason::expired;
    std::string queue;
    std::string exchange;
    std::optional<std::string> routing_key;
    bool redelivered = false;
    bool read_from_disk = false;
};

// The message to publish to the dead-letter exchange: the old one with its death in the headers, no expiration, and
// the new routing key, if one is set.
std::shared_ptr<model::Message> republished(const DeadLetter& dead, const model::Context& context);

// Whether `message`, just dead-lettered, must not reach `queue`: it was there before and has since died of nothing but
// expiry and overflow.
bool in_automatic_cycle(const model::Message& message, const DeadLetter& dead, std::string_view queue);

}  // namespace simbroker::extension
