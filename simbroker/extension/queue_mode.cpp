// x-queue-mode and x-queue-version: how a classic queue keeps its messages. Neither ever shows on the wire.
#include <fmt/format.h>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;

const QueueArgument x_queue_mode{
    .name = "x-queue-mode",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto mode = text_of(value);
        if (mode == "default" || mode == "lazy") return std::nullopt;
        return fmt::format("\"unsupported queue mode '{}'\"", mode);
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("queue-mode value"),
};

const QueueArgument x_queue_version{
    .name = "x-queue-version",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_natural(value)) return term;
        const auto version = *value.as_integer();
        if (version == 1 || version == 2) return std::nullopt;
        return fmt::format("\"unsupported queue version '{}'\"", version);
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("queue-version value"),
};

}  // namespace simbroker::extension
