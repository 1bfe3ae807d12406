#include "simbroker/extension/erlang_value.hpp"

#include <fmt/format.h>

#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::ByteArray;
using codec::amqp091::Decimal;
using codec::amqp091::FieldArray;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::ShortText;
using codec::amqp091::Timestamp;
using codec::amqp091::Void;

std::string binary(std::string_view octets) { return server091::erlang_text_or_octets(codec::wire::as_bytes(octets)); }

// Erlang's floats always show a point.
std::string real(double value) {
    auto text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string list(FieldTable table) {
    std::string elements;
    for (const auto& [name, held] : table) {
        elements += fmt::format(
            "{}{{{},{},{}}}", elements.empty() ? "" : ",", binary(name), rabbitmq_type_name(held), erlang_value(held)
        );
    }
    return "[" + elements + "]";
}

std::string list(FieldArray array) {
    std::string elements;
    for (const auto& held : array) {
        elements +=
            fmt::format("{}{{{},{}}}", elements.empty() ? "" : ",", rabbitmq_type_name(held), erlang_value(held));
    }
    return "[" + elements + "]";
}

}  // namespace

std::string erlang_value(const FieldValue& value) {
    if (const auto* text = value.as<LongString>()) return binary(text->text);
    if (const auto* short_text = value.as<ShortText>()) return binary(short_text->text);
    if (const auto* octets = value.as<ByteArray>()) return binary(codec::wire::as_text(octets->octets));
    if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
    if (value.as<Void>()) return "undefined";
    if (const auto* table = value.as<FieldTable>()) return list(*table);
    if (const auto* array = value.as<FieldArray>()) return list(*array);
    if (const auto* time = value.as<Timestamp>()) return fmt::format("{}", time->seconds);
    if (const auto* decimal = value.as<Decimal>()) return fmt::format("{{{},{}}}", decimal->scale, decimal->value);
    if (const auto* single = value.as<float>()) return real(*single);
    if (const auto* number = value.as<double>()) return real(*number);
    if (const auto* big = value.as<std::uint64_t>()) return fmt::format("{}", *big);
    return fmt::format("{}", *value.as_integer());
}

}  // namespace simbroker::extension
