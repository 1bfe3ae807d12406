#include "simbroker/extension/alternate_exchange.hpp"

namespace simbroker::extension {

std::optional<std::string_view> alternate_exchange(codec::amqp091::FieldTable exchange_arguments) {
    const auto value = exchange_arguments.find(alternate_exchange_argument);
    if (!value) return std::nullopt;
    const auto* name = value->as<codec::amqp091::LongString>();
    if (!name || name->text.empty()) return std::nullopt;
    return name->text;
}

}  // namespace simbroker::extension
