#include "simbroker/extension/stream_queue.hpp"

#include <fmt/format.h>

#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/extension/stream_offset.hpp"
#include "simbroker/model/content.hpp"

namespace simbroker::extension {

using codec::ViolationName;
using codec::amqp091::BasicProperties;
using codec::amqp091::ByteArray;
using codec::amqp091::FieldArray;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using model::Queue;
using model::QueuedMessage;
using model::QueueType;
using namespace profile;

namespace {

constexpr std::string_view x_stream_filter = "x-stream-filter";
constexpr std::string_view x_stream_match_unfiltered = "x-stream-match-unfiltered";
constexpr std::int64_t segment_bytes_max = 3'000'000'000;

std::optional<Refusal> unsupported(std::string_view what, const Subject& subject) {
    return Refusal{
        ViolationName::not_supported_by_queue_type,
        fmt::format("{} not supported by stream queues {}", what, described(subject)),
    };
}

std::optional<Refusal> refused_sizes(const Subject& subject, const Declaration& declaration) {
    const auto segment = declaration.arguments.find(x_stream_max_segment_size_bytes.name);
    if (segment && segment->as_integer().value_or(0) > segment_bytes_max) {
        return Refusal{ViolationName::queue_argument_invalid, "Exceeded max value for x-stream-max-segment-size-bytes"};
    }
    const auto filter = declaration.arguments.find(x_stream_filter_size_bytes.name);
    const auto refusal = subject.profile.stream.filter_size_refusal;
    const auto size = filter ? filter->as_integer().value_or(0) : 16;
    if (refusal.empty() || (size >= 16 && size <= 255)) return std::nullopt;
    return Refusal{ViolationName::queue_argument_invalid, std::string(refusal)};
}

std::optional<Refusal> refused_declaration(const Subject& subject, const Declaration& declaration) {
    if (auto refused = refused_sizes(subject, declaration)) return refused;
    return refuse_unless_durable_and_shared(subject, declaration);
}

std::optional<Refusal> refused_consumption(const Subject& subject, const Queue&, const Consumption& consumption) {
    const bool plainly = subject.profile.stream.naming == StreamNaming::stream_queue;
    if (consumption.prefetch_count == 0) {
        const auto name = plainly ? "stream " + described(subject) : fmt::format("'{}'", described(subject));
        return Refusal{
            ViolationName::consumer_prefetch_missing,
            fmt::format("consumer prefetch count is not set for {}", name),
        };
    }
    if (!consumption.no_ack) return std::nullopt;
    return Refusal{
        ViolationName::not_supported_by_queue_type,
        fmt::format(
            "automatic acknowledgement not supported by {} {}", plainly ? "stream" : "stream queues", described(subject)
        ),
    };
}

bool is_nested(const FieldValue& value) { return value.as<FieldTable>() || value.as<FieldArray>(); }

// A stream keeps messages in the format of AMQP 1.0. Of the headers only what starts with "x-", and what the broker
// itself reads, may be more than a simple value there; and there is no second kind of text.
FieldTableBuilder headers_through_amqp_10(FieldTable headers, StreamHeaders kept) {
    FieldTableBuilder out;
    for (const auto& [name, value] : headers) {
        if (name == x_stream_offset) continue;
        const bool annotation = name.starts_with("x-") || name == "CC";
        if (is_nested(value) && !(annotation && kept == StreamHeaders::nested_if_annotations)) continue;
        const auto* octets = value.as<ByteArray>();
        if (octets && kept == StreamHeaders::nested_if_annotations) {
            out.add(name, LongString{codec::wire::as_text(octets->octets)});
        } else {
            out.add(name, value);
        }
    }
    return out;
}

std::optional<codec::wire::Bytes> delivered_properties(const QueuedMessage& message, Passage, const Profile& profile) {
    auto properties = *codec::amqp091::decode_properties(message.message->property_octets);
    auto headers = headers_through_amqp_10(properties.headers.value_or(FieldTable{}), profile.stream.headers);
    headers.add(x_stream_offset, static_cast<std::int64_t>(message.position));
    const auto sorted = model::sorted_by_name(headers.view());
    properties.headers = sorted.view();
    if (profile.stream.delivery_mode == StreamDeliveryMode::always_told && !properties.delivery_mode) {
        properties.delivery_mode = codec::amqp091::transient_delivery;
    }
    codec::wire::Bytes octets;
    encode(properties, octets);
    return octets;
}

}  // namespace

const QueueTypeRow stream_queue{
    .type = QueueType::stream,
    .name = "stream",
    .module = "rabbit_stream_queue",
    .set_up = [](Queue& queue, const Profile&) { queue.stream.emplace(); },
    .declaration = refused_declaration,
    .consumption = refused_consumption,
    .get = [](const Subject& subject, const Queue&) { return unsupported("basic.get", subject); },
    .purge = [](const Subject& subject) { return unsupported("queue.purge", subject); },
    .deletion = [](const Subject&, const Queue&, const Deletion&) { return std::optional<Refusal>(); },
    .delivered_properties = delivered_properties,
};

const QueueArgument x_max_age{
    .name = "x-max-age",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        if (auto term = refuse_unless_longstr(value)) return term;
        const auto interval = parse_interval(text_of(value));
        if (interval.length && interval.length->count() > 0) return std::nullopt;
        return "invalid_max_age";
    },
    .apply = [](const FieldValue& value,
                model::QueueSettings& settings) { settings.max_age = parse_interval(text_of(value)).length; },
    .crash =
        [](const FieldValue& value, const Profile& profile) {
            const auto* text = value.as<LongString>();
            return text && !parse_interval(text->text).begins_with_a_number &&
                   profile.stream.unreadable_interval == UnreadableInterval::fails_inside;
        },
    .policy = set_by_policy("max age"),
};

const QueueArgument x_stream_max_segment_size_bytes{
    .name = "x-stream-max-segment-size-bytes",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_natural(value); },
    .apply = [](const FieldValue& value, model::QueueSettings& settings
             ) { settings.max_segment_bytes = static_cast<std::uint64_t>(*value.as_integer()); },
    .policy = set_by_policy("segment size"),
};

// The size of the filters on disk never shows on the wire.
const QueueArgument x_stream_filter_size_bytes{
    .name = "x-stream-filter-size-bytes",
    .refusal = [](const FieldValue& value, FieldTable) -> std::optional<std::string> {
        const auto size = value.as_integer().value_or(0);
        return size >= 16 && size <= 255 ? std::nullopt : std::optional<std::string>("out of range");
    },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("filter size. Valid range is 16-255"),
    .refusal_here = [](const FieldValue& value, const Profile&) { return refuse_unless_natural(value); },
};

// Nor does the number of nodes that keep a copy.
const QueueArgument x_initial_cluster_size{
    .name = "x-initial-cluster-size",
    .refusal = [](const FieldValue& value, FieldTable) { return refuse_unless_positive(value); },
    .apply = [](const FieldValue&, model::QueueSettings&) {},
    .policy = set_by_policy("cluster size"),
};

model::StreamLimits stream_limits(const model::QueueSettings& settings) {
    model::StreamLimits limits{.bytes = settings.max_length_bytes, .age = settings.max_age};
    if (settings.max_segment_bytes) limits.segment_bytes = *settings.max_segment_bytes;
    return limits;
}

model::StreamFilter stream_filter(FieldTable arguments, const Profile& profile) {
    model::StreamFilter filter;
    const auto knows = familiarity(profile.consumer_arguments, x_stream_filter, QueueType::stream);
    const auto value = arguments.find(x_stream_filter);
    if (!value || knows != Familiarity::known) return filter;
    const auto add = [&](const FieldValue& element) {
        if (const auto* text = element.as<LongString>()) filter.values.emplace(text->text);
    };
    add(*value);
    if (const auto* several = value->as<FieldArray>()) {
        for (const auto& element : *several) add(element);
    }
    const auto unfiltered = arguments.find(x_stream_match_unfiltered);
    filter.unfiltered_too = unfiltered && unfiltered->as<bool>() && *unfiltered->as<bool>();
    return filter;
}

std::optional<Refusal> refused_settlement(const Subject& subject, StreamSettlement settlement) {
    if (subject.profile.stream.settlements == StreamSettlements::all_give_credit) return std::nullopt;
    switch (settlement) {
        case StreamSettlement::acknowledged: return std::nullopt;
        case StreamSettlement::rejected: return unsupported("basic.nack and basic.reject", subject);
        case StreamSettlement::recovered: return Refusal{ViolationName::failed_inside, ""};
    }
    return std::nullopt;
}

}  // namespace simbroker::extension
