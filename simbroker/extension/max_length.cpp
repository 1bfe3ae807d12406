#include "simbroker/extension/max_length.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using model::Overflow;

constexpr std::array overflows{
    std::pair{std::string_view("drop-head"), Overflow::drop_head},
    std::pair{std::string_view("reject-publish"), Overflow::reject_publish},
    std::pair{std::string_view("reject-publish-dlx"), Overflow::reject_publish_dlx},
};

auto find_overflow(const FieldValue& value) {
    return std::ranges::find(overflows, text_of(value), [](const auto& row) { return row.first; });
}

struct Length {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
};

bool exceeds(const model::QueueSettings& settings, Length length) {
    return (settings.max_length && length.messages > *settings.max_length) ||
           (settings.max_length_bytes && length.bytes > *settings.max_length_bytes);
}

bool is_quorum(const model::Queue& queue) { return queue.attributes().type == model::QueueType::quorum; }

// Ready messages and their bodies; a quorum queue counts the dead letters it still holds, and maybe the properties.
Length length_of(const model::Queue& queue, const profile::Profile& profile) {
    Length length{queue.ready.count(), queue.ready.body_bytes()};
    if (!is_quorum(queue)) return length;
    const bool properties_too = profile.quorum.length_bytes == profile::QuorumLengthBytes::properties_and_bodies;
    if (properties_too) length.bytes += queue.ready.property_bytes();
    length.messages += queue.dead_letters.size();
    if (!queue.settings().max_length_bytes) return length;
    for (const auto& dead : queue.dead_letters) {
        length.bytes += dead.message->body.size() + (properties_too ? dead.message->property_octets.size() : 0);
    }
    return length;
}

// To a quorum queue reject-publish-dlx is drop-head.
Overflow overflow_of(const model::Queue& queue) {
    const auto overflow = queue.settings().overflow;
    return is_quorum(queue) && overflow == Overflow::reject_publish_dlx ? Overflow::drop_head : overflow;
}

// A limit at which a quorum queue that refused publishers takes messages again: four fifths of what is allowed.
bool is_short_again(const model::QueueSettings& settings, Length length) {
    const auto below = [](std::uint64_t count, std::optional<std::uint64_t> limit) {
        return !limit || count <= *limit / 5 * 4 + *limit % 5 * 4 / 5;
    };
    return below(length.messages, settings.max_length) && below(length.bytes, settings.max_length_bytes);
}

}  // namespace

const QueueArgument x_max_length{
    .name = "x-max-length",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_length = static_cast<std::uint64_t>(*value.as_integer()); },
    .policy = limited_by_policy("maximum length"),
};

const QueueArgument x_max_length_bytes{
    .name = "x-max-length-bytes",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_length_bytes = static_cast<std::uint64_t>(*value.as_integer()); },
    .policy = limited_by_policy("maximum length in bytes"),
};

const QueueArgument x_overflow{
    .name = "x-overflow",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        if (find_overflow(value) == overflows.end()) return "invalid_overflow";
        return std::nullopt;
    },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.overflow = find_overflow(value)->second; },
    .policy = set_by_policy("overflow value"),
};

bool would_overflow(const model::Queue& queue, const model::Message& message, const profile::Profile& profile) {
    if (overflow_of(queue) == Overflow::drop_head) return false;
    if (is_quorum(queue)) return queue.refusing_publishers;
    auto length = length_of(queue, profile);
    ++length.messages;
    length.bytes += message.body.size();
    return exceeds(queue.settings(), length);
}

bool over_limit(const model::Queue& queue, const profile::Profile& profile) {
    if (queue.ready.empty() || overflow_of(queue) != Overflow::drop_head) return false;
    return exceeds(queue.settings(), length_of(queue, profile));
}

void note_length(model::Queue& queue, const profile::Profile& profile) {
    if (!is_quorum(queue) || overflow_of(queue) != Overflow::reject_publish) return;
    const auto length = length_of(queue, profile);
    if (exceeds(queue.settings(), length)) {
        queue.refusing_publishers = true;
    } else if (is_short_again(queue.settings(), length)) {
        queue.refusing_publishers = false;
    }
}

}  // namespace simbroker::extension
