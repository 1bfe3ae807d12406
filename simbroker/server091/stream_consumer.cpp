// Consumers of streams: where they begin to read, and what they may say of a delivery.
#include <fmt/format.h>

#include "simbroker/extension/stream_offset.hpp"
#include "simbroker/extension/stream_queue.hpp"
#include "simbroker/server091/channel.hpp"
#include "simbroker/server091/connection.hpp"
#include "simbroker/server091/erlang_term.hpp"

namespace simbroker::server091 {

using codec::amqp091::FieldTable;
using codec::amqp091::LongString;
using extension::BadStreamOffset;
using extension::StreamSettlement;

std::expected<void, Violation> Channel::check_stream_offset(const model::Queue& queue, const FieldTable& arguments)
    const {
    if (!queue.stream) return {};
    const auto offset = extension::stream_offset(arguments, context().profile().stream);
    if (offset) return {};
    if (offset.error() == BadStreamOffset::fails_inside) return refuse({ViolationName::failed_inside, ""});
    const auto value = arguments.find(extension::x_stream_offset);
    const auto octets = codec::wire::as_bytes(value->as<LongString>()->text);
    return refuse(
        ViolationName::consumer_argument_invalid,
        fmt::format(
            "invalid arg '{}' for {}: {{invalid_stream_offset_arg,{{longstr,{}}}}}",
            extension::x_stream_offset,
            extension::described(subject(queue.name())),
            erlang_text_or_octets(octets)
        )
    );
}

void Channel::begin_reading(model::Queue& stream, const Consumer& reader, const FieldTable& arguments) {
    const auto offset = extension::stream_offset(arguments, context().profile().stream);
    const extension::Calendar calendar{.now = context().now, .epoch = context().config.epoch};
    stream.stream->attach(
        reader,
        extension::first_to_read(*offset, *stream.stream, calendar),
        extension::stream_filter(arguments, context().profile())
    );
}

// What was read out of a stream is acknowledged; whether it may be rejected or recovered the version says.
std::expected<void, Violation> Channel::check_streams(const Settlement& settlement) const {
    if (settlement.kind == Settlement::Kind::acknowledge) return {};
    const bool recovered = settlement.kind == Settlement::Kind::requeue && settlement.how == extension::Return::recover;
    const auto what = recovered ? StreamSettlement::recovered : StreamSettlement::rejected;
    for (const auto& [tag, delivery] : settlement.deliveries) {
        const auto* queue = delivery.message.kept_by_stream ? vhost().find_queue(delivery.queue) : nullptr;
        if (!queue) continue;
        if (auto refused = extension::refused_settlement(subject(queue->name()), what)) return refuse(*refused);
    }
    return {};
}

}  // namespace simbroker::server091
