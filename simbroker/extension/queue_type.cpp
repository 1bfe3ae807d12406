#include "simbroker/extension/queue_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simbroker/extension/queue_argument.hpp"

namespace simbroker::extension {

using codec::ViolationName;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::Queue;
using model::QueueType;

namespace {

constexpr std::array rows{&classic_queue, &quorum_queue, &stream_queue};

std::string_view text_or_nothing(FieldTable arguments) {
    const auto value = arguments.find(x_queue_type.name);
    const auto* text = value ? value->as<LongString>() : nullptr;
    return text ? text->text : std::string_view();
}

}  // namespace

const QueueArgument x_queue_type{
    .name = "x-queue-type",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto type = text_of(value);
        if (std::ranges::find(rows, type, &QueueTypeRow::name) != rows.end()) return std::nullopt;
        return fmt::format("\"unsupported queue type '{}'\"", type);
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
};

const QueueTypeRow& row_of(QueueType type) { return **std::ranges::find(rows, type, &QueueTypeRow::type); }

bool names_a_type(const FieldValue& x_queue_type, const profile::Profile& profile) {
    const auto* text = x_queue_type.as<LongString>();
    if (!text) return false;
    return asks_for_default_type(x_queue_type, profile) ||
           std::ranges::find(rows, text->text, &QueueTypeRow::name) != rows.end();
}

QueueType type_from(FieldTable arguments) {
    const auto found = std::ranges::find(rows, text_or_nothing(arguments), &QueueTypeRow::name);
    return found == rows.end() ? QueueType::classic : (*found)->type;
}

bool asks_for_default_type(const FieldValue& x_queue_type, const profile::Profile& profile) {
    const auto* text = x_queue_type.as<LongString>();
    return text && text->text.empty() && profile.empty_queue_type == profile::EmptyQueueType::means_classic;
}

Familiarity familiarity(std::span<const profile::KnownArgument> table, std::string_view name, QueueType type) {
    const auto row = std::ranges::find(table, name, &profile::KnownArgument::name);
    if (row == table.end()) return Familiarity::nobodys;
    return row->types.contains(type) ? Familiarity::known : Familiarity::foreign;
}

std::string described(const Subject& subject) {
    return fmt::format("queue '{}' in vhost '{}'", subject.queue, subject.vhost);
}

std::optional<Refusal> refuse_unless_durable_and_shared(const Subject& subject, const Declaration& declaration) {
    const auto refused = [&](std::string_view property) {
        return Refusal{
            ViolationName::queue_property_invalid,
            fmt::format("invalid property '{}' for {}", property, described(subject)),
        };
    };
    if (declaration.auto_delete) return refused("auto-delete");
    if (declaration.exclusive) return refused("exclusive-owner");
    if (!declaration.durable) return refused("non-durable");
    return std::nullopt;
}

const QueueTypeRow classic_queue{
    .type = QueueType::classic,
    .name = "classic",
    .module = "rabbit_classic_queue",
    .set_up = [](Queue&, const profile::Profile&) {},
    .declaration = [](const Subject&, const Declaration&) { return std::optional<Refusal>(); },
    .consumption = [](const Subject& subject, const Queue& queue, const Consumption& consumption
                   ) -> std::optional<Refusal> {
        const bool wants_to_be_alone =
            consumption.exclusive && (!queue.subscribers.empty() || queue.settings().single_active_consumer);
        if (!queue.exclusive_subscriber && !wants_to_be_alone) return std::nullopt;
        return Refusal{ViolationName::queue_in_exclusive_use, described(subject) + " in exclusive use"};
    },
    .get = [](const Subject&, const Queue&) { return std::optional<Refusal>(); },
    .purge = [](const Subject&) { return std::optional<Refusal>(); },
    .deletion = [](const Subject& subject, const Queue& queue, const Deletion& deletion) -> std::optional<Refusal> {
        if (deletion.if_empty && !queue.ready.empty()) {
            return Refusal{ViolationName::queue_not_empty, described(subject) + " not empty"};
        }
        if (deletion.if_unused && !queue.subscribers.empty()) {
            return Refusal{ViolationName::queue_in_use, described(subject) + " in use"};
        }
        return std::nullopt;
    },
    .delivered_properties = [](const model::QueuedMessage&,
                               Passage,
                               const profile::Profile&) { return std::optional<codec::wire::Bytes>(); },
};

}  // namespace simbroker::extension
