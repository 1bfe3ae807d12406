// x-expires: a queue that nobody consumes from, gets from or declares for so long is deleted. Its effect is
// VirtualHost::renew and the timer QueueTimer::Kind::unused.
#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;

const QueueArgument x_expires{
    .name = "x-expires",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_milliseconds(value)) return term;
        if (*value.as_integer() == 0) return "{value_zero,0}";
        return std::nullopt;
    },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.expires = std::chrono::milliseconds(*value.as_integer()); },
    .policy = limited_by_policy("queue expiry"),
};

}  // namespace simbroker::extension
