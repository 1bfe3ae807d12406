// x-single-active-consumer: the eldest consumer gets everything, the next takes over when it goes. Its effect is
// Subscribers::serve_only_the_eldest.
#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;

const QueueArgument x_single_active_consumer{
    .name = "x-single-active-consumer",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_bool(value); },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.single_active_consumer = *value.as<bool>(); },
};

}  // namespace simbroker::extension
