#include "codec/amqp091/frame.hpp"

#include <gtest/gtest.h>

#include "codec/wire/hex.hpp"

namespace codec::amqp091 {
namespace {

using wire::as_bytes;
using wire::to_hex;

TEST(Frame, is_header_payload_and_frame_end) {
    Bytes out;
    append_frame(out, {.type = frame_type::body, .channel = {258}, .payload = as_bytes("hi")});
    EXPECT_EQ(
        to_hex(out),
        "03"
        "0102"
        "00000002"
        "6869"
        "ce"
    );
}

TEST(Frame, can_be_written_in_place) {
    Bytes out{0xaa};
    const auto begun = begin_frame(out, frame_type::method, {1});
    out.insert(out.end(), {1, 2, 3});
    end_frame(out, begun);
    EXPECT_EQ(
        to_hex(out),
        "aa"
        "01"
        "0001"
        "00000003"
        "010203"
        "ce"
    );
}

TEST(Heartbeat, is_an_empty_frame_of_type_8_on_channel_0) {
    Bytes out;
    append_heartbeat(out);
    EXPECT_EQ(
        to_hex(out),
        "08"
        "0000"
        "00000000"
        "ce"
    );
}

TEST(BodyFrames, of_an_empty_body_are_none) {
    Bytes out;
    append_body_frames(out, {1}, {}, frame_min_size);
    EXPECT_TRUE(out.empty());
}

TEST(BodyFrames, fill_frame_max_and_no_more) {
    const Bytes body(2 * (frame_min_size - frame_overhead) + 1, 'x');
    for (const std::size_t size : {frame_min_size - frame_overhead, frame_min_size - frame_overhead + 1, body.size()}) {
        Bytes out;
        append_body_frames(out, {1}, BytesView(body).first(size), frame_min_size);
        const auto frames = (size + frame_min_size - frame_overhead - 1) / (frame_min_size - frame_overhead);
        EXPECT_EQ(out.size(), size + frames * frame_overhead);
        const auto first = std::min(size, frame_min_size - frame_overhead);
        EXPECT_EQ(out.at(frame_header_size + first), frame_end);
    }
}

TEST(BodyFrames, are_one_frame_when_there_is_no_frame_max) {
    Bytes out;
    append_body_frames(out, {1}, Bytes(300000, 'x'), 0);
    EXPECT_EQ(out.size(), 300000 + frame_overhead);
}

}  // namespace
}  // namespace codec::amqp091
