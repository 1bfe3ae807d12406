#include "simbroker/extension/sender_selected.hpp"

#include <fmt/format.h>

namespace simbroker::extension {

using codec::amqp091::FieldArray;
using codec::amqp091::LongString;

std::expected<std::vector<std::string>, std::string> selected_keys(
    codec::amqp091::FieldTable headers, std::string_view header
) {
    std::vector<std::string> keys;
    const auto value = headers.find(header);
    if (!value) return keys;
    const auto* array = value->as<FieldArray>();
    if (!array) {
        return std::unexpected(
            fmt::format("{{unacceptable_type_in_header,\"{}\",{}}}", header, rabbitmq_type_name(*value))
        );
    }
    for (const auto& element : *array) {
        if (const auto* key = element.as<LongString>()) keys.emplace_back(key->text);
    }
    return keys;
}

}  // namespace simbroker::extension
