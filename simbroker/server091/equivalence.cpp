#include "simbroker/server091/equivalence.hpp"

#include <fmt/format.h>

#include <set>

namespace simbroker::server091 {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;

std::string subject(const Declared& entity, std::string_view argument) {
    return fmt::format(
        "inequivalent arg '{}' for {} '{}' in vhost '{}'", argument, entity.kind, entity.name, entity.vhost
    );
}

std::string bare_value(const FieldValue& value) {
    if (const auto* text = value.as<LongString>()) return std::string(text->text);
    return to_string(value).substr(1);
}

std::string described(const std::optional<FieldValue>& value) {
    if (!value) return "none";
    return fmt::format("the value '{}' of type '{}'", bare_value(*value), rabbitmq_type_name(*value));
}

bool equal(const FieldValue& a, const FieldValue& b) {
    if (a.as_integer() && b.as_integer()) return *a.as_integer() == *b.as_integer();
    return a.variant() == b.variant();
}

}  // namespace

std::string inequivalent(
    const Declared& entity, std::string_view argument, std::string_view received, std::string_view current
) {
    return fmt::format("{}: received '{}' but current is '{}'", subject(entity, argument), received, current);
}

std::optional<std::string> compare(const Declared& entity, std::string_view argument, bool received, bool current) {
    if (received == current) return std::nullopt;
    const auto word = [](bool value) { return value ? "true" : "false"; };
    return inequivalent(entity, argument, word(received), word(current));
}

std::optional<std::string> compare_argument(
    const Declared& entity, std::string_view argument, FieldTable received, FieldTable current
) {
    const auto a = received.find(argument);
    const auto b = current.find(argument);
    if (!a && !b) return std::nullopt;
    if (a && b) {
        if (equal(*a, *b)) return std::nullopt;
        return inequivalent(entity, argument, bare_value(*a), bare_value(*b));
    }
    return fmt::format("{}: received {} but current is {}", subject(entity, argument), described(a), described(b));
}

std::optional<std::string> compare_all_arguments(const Declared& entity, FieldTable received, FieldTable current) {
    std::set<std::string> names;
    for (const auto& table : {received, current}) {
        for (const auto& [name, value] : table) names.emplace(name);
    }
    for (const auto& name : names) {
        if (auto text = compare_argument(entity, name, received, current)) return text;
    }
    return std::nullopt;
}

std::string without_line_ends(std::string_view name) {
    std::string kept;
    for (const char c : name) {
        if (c != '\r' && c != '\n') kept += c;
    }
    return kept;
}

}  // namespace simbroker::server091
