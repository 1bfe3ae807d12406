// Time to live of messages: the queue argument x-message-ttl and the message property expiration; the shorter one
// counts.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "simbroker/model/queue.hpp"

namespace simbroker::extension {

std::optional<Instant> expires_at(const model::QueueSettings& settings, const model::Message& message, Instant now);

// The Erlang term that says what is wrong: a lone tag, or a tuple {tag,value}.
struct ExpirationError {
    std::string_view tag;
    std::string value;
};

// Milliseconds in decimal, as the expiration property has them.
std::expected<Duration, ExpirationError> parse_expiration(std::string_view text);

}  // namespace simbroker::extension
