#include "codec/amqp091/frame.hpp"

#include <algorithm>
#include <limits>

#include "codec/wire/writer.hpp"

namespace codec::amqp091 {

using wire::Writer;

std::size_t begin_frame(Bytes& out, Octet type, ChannelNumber channel) {
    Writer writer(out);
    writer.u8(type);
    writer.u16(channel.value);
    return writer.reserve_length();
}

void end_frame(Bytes& out, std::size_t begun) {
    Writer writer(out);
    writer.fill_length(begun);
    writer.u8(frame_end);
}

void append_frame(Bytes& out, const Frame& frame) {
    const auto begun = begin_frame(out, frame.type, frame.channel);
    Writer(out).bytes(frame.payload);
    end_frame(out, begun);
}

void append_body_frames(Bytes& out, ChannelNumber channel, BytesView body, std::size_t frame_max) {
    const auto room = frame_max == 0 ? std::numeric_limits<std::size_t>::max() : frame_max - frame_overhead;
    while (!body.empty()) {
        const auto size = std::min(room, body.size());
        append_frame(out, {frame_type::body, channel, body.first(size)});
        body = body.subspan(size);
    }
}

void append_heartbeat(Bytes& out) { append_frame(out, {frame_type::heartbeat, connection_channel, {}}); }

}  // namespace codec::amqp091
