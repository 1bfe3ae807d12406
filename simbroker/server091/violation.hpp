// What a handler returns instead of a reply when the peer broke a rule.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "codec/amqp091/codec.hpp"
#include "codec/violation.hpp"
#include "simbroker/extension/queue_type.hpp"

namespace simbroker::server091 {

using codec::ViolationName;

struct Violation {
    ViolationName name{};
    std::string text;  // RabbitMQ's words; empty: the reply text is the bare name of the reply code
    // Whose fault it is. Nothing: the method being handled. {0, 0}: no method's.
    std::optional<codec::amqp091::MethodId> method = std::nullopt;

    const codec::ViolationRow& row() const { return codec::row_of(name); }
};

inline constexpr codec::amqp091::MethodId no_method{0, 0};

// A handler's answer: a reply, no reply, or a violation.
using Outcome = std::expected<std::optional<codec::amqp091::Method>, Violation>;

inline Outcome no_reply() { return std::nullopt; }

inline std::unexpected<Violation> refuse(ViolationName name, std::string text) {
    return std::unexpected(Violation{name, std::move(text)});
}

inline constexpr std::string_view memory_is_used_up = "clients make the broker keep as much as it may";

inline std::unexpected<Violation> no_memory() {
    return refuse(ViolationName::memory_exhausted, std::string(memory_is_used_up));
}

// A refusal in the words of an extension. What failed inside the broker is no method's fault.
inline std::unexpected<Violation> refuse(extension::Refusal refusal) {
    Violation violation{refusal.name, std::move(refusal.text)};
    if (violation.name == ViolationName::failed_inside) violation.method = no_method;
    return std::unexpected(std::move(violation));
}

// What cannot be decoded, in the reply codes of the specification: 540 for an unknown method, 502 for its fields.
Violation undecodable_by_reply_code(const codec::wire::DecodeError& error, const codec::amqp091::Frame& frame);

// NAME - text, at most 255 octets, cut with "..." as RabbitMQ cuts it.
std::string reply_text(const Violation& violation);
std::string reply_text(codec::amqp091::ReplyCode code, const Violation& violation);

}  // namespace simbroker::server091
