#include "simbroker/extension/priority.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/extension/quorum_queue.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;

const QueueArgument x_max_priority{
    .name = "x-max-priority",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_natural(value)) return term;
        if (*value.as_integer() > 255) return fmt::format("{{max_value_exceeded,{}}}", *value.as_integer());
        return std::nullopt;
    },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_priority = static_cast<std::uint8_t>(*value.as_integer()); },
};

std::uint8_t effective_priority(
    const model::Queue& queue, const model::Message& message, const profile::Profile& profile
) {
    if (queue.attributes().type == model::QueueType::quorum) return quorum_priority(message, profile.quorum);
    constexpr std::uint8_t of_ten = 9;  // 1.8, basic.07: priorities 0 to 9 are told apart in every queue
    const bool everywhere = profile.deviations.priorities == profile::Priorities::ten_everywhere;
    const auto highest = queue.settings().max_priority.value_or(everywhere ? of_ten : std::uint8_t{0});
    return std::min(highest, message.priority.value_or(0));
}

}  // namespace simbroker::extension
