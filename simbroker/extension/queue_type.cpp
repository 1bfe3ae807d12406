// x-queue-type, x-queue-mode, x-queue-version: which implementation of a queue is wanted. Only classic queues are
// modelled so far; mode and version never show on the wire.
#include <fmt/format.h>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;

const QueueArgument x_queue_type{
    .name = "x-queue-type",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto type = text_of(value);
        if (type == "classic") return std::nullopt;
        return fmt::format("\"unsupported queue type '{}'\"", type);
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
};

bool is_classic(FieldTable arguments) {
    const auto type = arguments.find(x_queue_type.name);
    return !type || (type->as<codec::amqp091::LongString>() && text_of(*type) == "classic");
}

const QueueArgument x_queue_mode{
    .name = "x-queue-mode",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto mode = text_of(value);
        if (mode == "default" || mode == "lazy") return std::nullopt;
        return fmt::format("\"unsupported queue mode '{}'\"", mode);
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
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
};

}  // namespace simbroker::extension
