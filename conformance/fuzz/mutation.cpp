#include "conformance/fuzz/mutation.hpp"

#include <algorithm>
#include <array>

#include "codec/amqp091/field_tags.hpp"

namespace conformance::fuzz {

using namespace codec::amqp091;
using codec::wire::Byte;

namespace {

constexpr std::size_t most_frames = 64;
constexpr std::size_t size_at = 3;  // of a frame

void put_long(Bytes& octets, std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 4; ++i) octets[at + i] = static_cast<Byte>(value >> (8 * (3 - i)));
}

auto iterator_at(Bytes& octets, std::size_t at) { return octets.begin() + static_cast<std::ptrdiff_t>(at); }

}  // namespace

Mutator::Mutator(simbroker::Prng prng, Peer sender)
    : prng_(prng), grammar_(simbroker::Prng(prng_.next()), "fuzz"), sender_(sender) {}

std::size_t Mutator::payload_size(const Bytes& frame) const {
    return frame.size() > frame_overhead ? frame.size() - frame_overhead : 0;
}

void Mutator::mutate(Frames& frames) {
    if (frames.empty()) frames.push_back(grammar_.any_method({1}, sender_));
    if (prng_.below(3) == 0) return reorder(frames);
    mutate(frames[prng_.below(frames.size())]);
}

void Mutator::reorder(Frames& frames) {
    const auto at = prng_.below(frames.size());
    const auto position = frames.begin() + static_cast<std::ptrdiff_t>(at);
    switch (prng_.below(5)) {
        case 0:
            if (frames.size() < most_frames) frames.insert(position, Bytes(frames[at]));
            return;
        case 1:
            if (frames.size() > 1) frames.erase(position);
            return;
        case 2: std::swap(frames[at], frames[prng_.below(frames.size())]); return;
        case 3:
            if (frames.size() < most_frames) {
                const ChannelNumber channel{static_cast<std::uint16_t>(prng_.below(3))};
                frames.insert(position, grammar_.any_method(channel, sender_));
            }
            return;
        default: {  // the end of one and the beginning of another
            const auto& other = frames[prng_.below(frames.size())];
            const Bytes end(other.begin() + static_cast<std::ptrdiff_t>(prng_.below(other.size() + 1)), other.end());
            frames[at].resize(prng_.below(frames[at].size() + 1));
            frames[at].insert(frames[at].end(), end.begin(), end.end());
            return;
        }
    }
}

void Mutator::mutate(Bytes& frame) {
    if (frame.size() < frame_overhead) {
        frame.push_back(static_cast<Byte>(prng_.next()));
        return;
    }
    constexpr std::array<Byte, 6> types{1, 2, 3, 8, 4, 255};
    switch (prng_.below(10)) {
        case 0: frame.resize(prng_.below(frame.size())); return;
        case 1: frame.back() = static_cast<Byte>(prng_.next()); return;
        case 2: frame[0] = types[prng_.below(types.size())]; return;
        case 3: change_octet(frame, 1 + prng_.below(2)); return;  // the channel
        case 4: change_length(frame); return;
        case 5: {  // any value in every field
            const auto id = peek_method_id(codec::wire::BytesView(frame).subspan(frame_header_size));
            const auto* row = id ? find_method(*id) : nullptr;
            if (row != nullptr)
                frame = grammar_.method(row->name, {static_cast<std::uint16_t>(frame[1] << 8 | frame[2])});
            return;
        }
        default: change_payload(frame); return;
    }
}

// What is inside changes, and the frame around it stays right.
void Mutator::change_payload(Bytes& frame) {
    const auto size = payload_size(frame);
    if (size == 0) return;
    const auto at = frame_header_size + prng_.below(size);
    switch (prng_.below(6)) {
        case 0: {
            const auto count = std::min<std::size_t>(1 + prng_.below(8), frame_header_size + size - at);
            frame.erase(iterator_at(frame, at), iterator_at(frame, at + count));
            break;
        }
        case 1: frame.insert(iterator_at(frame, at), 1 + prng_.below(8), static_cast<Byte>(prng_.next())); break;
        case 2:  // a length inside: of a long string or a table
            if (at + 4 < frame.size()) {
                const std::uint64_t edges[] = {0, 1, size, size + 1, 0x7fffffff, 0x80000000, 0xffffffff};
                put_long(frame, at, edges[prng_.below(std::size(edges))]);
            }
            break;
        case 3: {
            const auto& tag = tag_rows[prng_.below(tag_rows.size())];
            frame[at] = static_cast<Byte>(tag.rabbitmq);
            break;
        }
        default: change_octet(frame, at); break;
    }
    put_long(frame, size_at, payload_size(frame));
}

void Mutator::change_octet(Bytes& octets, std::size_t at) {
    constexpr std::array<Byte, 6> edges{0, 1, 0x7f, 0x80, 0xfe, 0xff};
    octets[at] =
        prng_.below(2) == 0 ? edges[prng_.below(edges.size())] : static_cast<Byte>(octets[at] ^ (1U << prng_.below(8)));
}

void Mutator::change_length(Bytes& frame) {
    const auto size = payload_size(frame);
    const std::uint64_t edges[] = {0, size - 1, size + 1, size + 2, 4096, 0x7fffffff, 0xffffffff};
    put_long(frame, size_at, edges[prng_.below(std::size(edges))]);
}

}  // namespace conformance::fuzz
