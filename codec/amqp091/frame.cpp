#include "codec/amqp091/frame.hpp"

#include <algorithm>
#include <limits>

#include "codec/amqp091/field_codec.hpp"
#include "codec/wire/writer.hpp"

namespace codec::amqp091 {

std::size_t begin_frame(Bytes& out, Octet type, ChannelNumber channel) {
    wire::Writer writer(out);
    writer.u8(type);
    writer.u16(channel.value);
    return writer.reserve_length();
}

void end_frame(Bytes& out, std::size_t begun) {
    wire::Writer writer(out);
    writer.fill_length(begun);
    writer.u8(frame_end);
}

void append_frame(Bytes& out, const Frame& frame) {
    put_frame_header(wire::append_room(out, frame_header_size), frame.type, frame.channel, frame.payload.size());
    out.insert(out.end(), frame.payload.begin(), frame.payload.end());
    out.push_back(frame_end);
}

void append_body_frames(Bytes& out, ChannelNumber channel, BytesView body, std::size_t frame_max) {
    const auto room = frame_max == 0 ? std::numeric_limits<Long>::max() : frame_max - frame_overhead;
    while (!body.empty()) {
        const auto size = std::min<std::size_t>(room, body.size());
        append_frame(out, {frame_type::body, channel, body.first(size)});
        body = body.subspan(size);
    }
}

void append_heartbeat(Bytes& out) { append_frame(out, {frame_type::heartbeat, connection_channel, {}}); }

}  // namespace codec::amqp091
