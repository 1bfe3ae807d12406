// The general frame (4.2.3), and writing whole frames.
//
//   0      1         3             7                  size+7 size+8
//   +------+---------+-------------+  +------------+  +------+
//   | type | channel |    size     |  |  payload   |  | 0xCE |
//   +------+---------+-------------+  +------------+  +------+
//    octet   short        long          size octets     octet
#pragma once

#include <array>
#include <compare>
#include <cstddef>

#include "codec/amqp091/values.hpp"

namespace codec::amqp091 {

struct ChannelNumber {
    std::uint16_t value{};
    friend constexpr auto operator<=>(ChannelNumber, ChannelNumber) = default;
};

inline constexpr ChannelNumber connection_channel{0};

// What 4.2.3 defines. A frame keeps the octet it came with, for it may be any.
namespace frame_type {
inline constexpr Octet method = 1;
inline constexpr Octet header = 2;
inline constexpr Octet body = 3;
inline constexpr Octet heartbeat = 8;  // the text of 4.2.3 says 4, its grammar and everybody else 8
}  // namespace frame_type

inline constexpr Octet frame_end = 0xCE;
inline constexpr std::size_t frame_header_size = 7;
inline constexpr std::size_t frame_overhead = 8;     // header and frame-end; frame-max counts them
inline constexpr std::size_t frame_min_size = 4096;  // 4.2.3: every peer takes frames up to this size

struct Frame {
    Octet type{};
    ChannelNumber channel{};
    BytesView payload{};

    friend bool operator==(const Frame& a, const Frame& b) {
        return a.type == b.type && a.channel == b.channel && wire::as_text(a.payload) == wire::as_text(b.payload);
    }
};

// 4.2.2: 'AMQP' and four octets. 0-9-1 says 0 0 9 1; what they mean differs between the versions.
using ProtocolHeader = std::array<Byte, 8>;
inline constexpr ProtocolHeader protocol_header_091{'A', 'M', 'Q', 'P', 0, 0, 9, 1};

void append_frame(Bytes& out, const Frame& frame);

// Frames whose payload is written in place: `begin` leaves room for the size, `end` fills it in.
std::size_t begin_frame(Bytes& out, Octet type, ChannelNumber channel);
void end_frame(Bytes& out, std::size_t begun);

// Cuts `body` into body frames of at most frame_max octets each (0: one frame); an empty body is no frame at all.
void append_body_frames(Bytes& out, ChannelNumber channel, BytesView body, std::size_t frame_max);

void append_heartbeat(Bytes& out);

}  // namespace codec::amqp091
