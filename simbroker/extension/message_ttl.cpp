#include "simbroker/extension/message_ttl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using std::chrono::milliseconds;

const QueueArgument x_message_ttl{
    .name = "x-message-ttl",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_milliseconds(value); },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.message_ttl = milliseconds(*value.as_integer()); },
    .policy = limited_by_policy("message TTL"),
};

std::optional<Instant> expires_at(const model::QueueSettings& settings, const model::Message& message, Instant now) {
    if (settings.message_ttl && message.expiration) return now + std::min(*settings.message_ttl, *message.expiration);
    if (settings.message_ttl) return now + *settings.message_ttl;
    if (message.expiration) return now + *message.expiration;
    return std::nullopt;
}

// Erlang's string:to_integer: an optional sign, digits, and nothing may follow.
std::expected<Duration, ExpirationError> parse_expiration(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool negative = text.starts_with('-');
    auto digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
    const auto end = std::ranges::find_if_not(digits, is_digit) - digits.begin();
    const auto rest = digits.substr(static_cast<std::size_t>(end));
    digits = digits.substr(0, static_cast<std::size_t>(end));
    if (digits.empty()) return std::unexpected(ExpirationError{.tag = "no_integer", .value = {}});
    if (!rest.empty()) return std::unexpected(ExpirationError{"leftover_string", fmt::format("\"{}\"", rest)});
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    constexpr std::size_t digits_of_max = 12;
    if (negative && digits != "0")
        return std::unexpected(ExpirationError{"value_negative", fmt::format("-{}", digits)});
    if (digits.size() <= digits_of_max) {
        std::int64_t value = 0;
        for (const char c : digits) value = value * 10 + (c - '0');
        if (value <= milliseconds_max) return milliseconds(value);
    }
    return std::unexpected(ExpirationError{"value_too_large", std::string(digits)});
}

}  // namespace simbroker::extension
