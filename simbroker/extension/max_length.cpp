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

bool exceeds(const model::QueueSettings& settings, std::size_t count, std::size_t bytes) {
    return (settings.max_length && count > *settings.max_length) ||
           (settings.max_length_bytes && bytes > *settings.max_length_bytes);
}

}  // namespace

const QueueArgument x_max_length{
    .name = "x-max-length",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_length = static_cast<std::uint64_t>(*value.as_integer()); },
};

const QueueArgument x_max_length_bytes{
    .name = "x-max-length-bytes",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_length_bytes = static_cast<std::uint64_t>(*value.as_integer()); },
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
};

bool would_overflow(const model::Queue& queue, const model::Message& message) {
    if (queue.settings().overflow == Overflow::drop_head) return false;
    return exceeds(queue.settings(), queue.ready.count() + 1, queue.ready.body_bytes() + message.body.size());
}

bool over_limit(const model::Queue& queue) {
    if (queue.ready.empty() || queue.settings().overflow != Overflow::drop_head) return false;
    return exceeds(queue.settings(), queue.ready.count(), queue.ready.body_bytes());
}

}  // namespace simbroker::extension
