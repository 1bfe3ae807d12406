#include "simbroker/fault/frame_stream.hpp"

#include <algorithm>
#include <cassert>

#include "codec/wire/reader.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

ChannelNumber Unit::channel() const {
    if (kind != Kind::frame) return connection_channel;
    codec::wire::Reader reader(BytesView(octets).subspan(1, 2));
    return ChannelNumber{reader.u16()};
}

BytesView Unit::payload() const {
    if (kind != Kind::frame) return {};
    return BytesView(octets).subspan(frame_header_size, octets.size() - frame_overhead);
}

void FrameStream::begin_frame(BytesView header, std::size_t already) {
    codec::wire::Reader reader(header.subspan(3, 4));
    const std::size_t size = reader.u32();
    if (size > largest_payload) {
        opaque_ = true;
    } else {
        to_come_ = size + frame_overhead - already;
    }
}

// How many of these octets belong to the frame that is followed.
std::size_t FrameStream::rest_of_followed(BytesView octets) {
    std::size_t count = 0;
    while (in_header_ > 0 && count < octets.size()) {
        header_[in_header_++] = octets[count++];
        if (in_header_ < frame_header_size) continue;
        in_header_ = 0;
        begin_frame(header_, frame_header_size);
    }
    const auto more = std::min(to_come_, octets.size() - count);
    to_come_ -= more;
    return count + more;
}

void FrameStream::follow(BytesView octets) {
    assert(keeps_nothing());
    while (!opaque_ && !octets.empty()) {
        octets = octets.subspan(rest_of_followed(octets));
        if (octets.size() >= frame_header_size) {
            begin_frame(octets, 0);
        } else {
            std::ranges::copy(octets, header_.begin());
            in_header_ = static_cast<std::uint8_t>(octets.size());
            return;
        }
    }
}

std::vector<Unit> FrameStream::feed(BytesView octets) {
    std::vector<Unit> units;
    if (const auto rest = rest_of_followed(octets); rest > 0) {
        units.push_back({Unit::Kind::rest, Bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(rest))});
        octets = octets.subspan(rest);
    }
    kept_.insert(kept_.end(), octets.begin(), octets.end());
    while (cut_one(units)) {
    }
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    return units;
}

bool FrameStream::cut_one(std::vector<Unit>& units) {
    const auto available = kept_.size() - taken_;
    if (available == 0) return false;
    if (opaque_) {
        units.push_back(take(Unit::Kind::opaque, available));
        return true;
    }
    // No frame type is 'A', so that letter can only begin "AMQP" and a version (4.2.2).
    if (kept_[taken_] == 'A') {
        if (available < std::tuple_size_v<ProtocolHeader>) return false;
        units.push_back(take(Unit::Kind::protocol_header, std::tuple_size_v<ProtocolHeader>));
        return true;
    }
    if (available < frame_header_size) return false;
    codec::wire::Reader reader(BytesView(kept_).subspan(taken_ + 3, 4));
    const std::size_t size = reader.u32();
    if (size > largest_payload) {
        opaque_ = true;
        return true;
    }
    if (available < size + frame_overhead) return false;
    units.push_back(take(Unit::Kind::frame, size + frame_overhead));
    return true;
}

Unit FrameStream::take(Unit::Kind kind, std::size_t count) {
    const auto from = kept_.begin() + static_cast<std::ptrdiff_t>(taken_);
    taken_ += count;
    return {kind, Bytes(from, from + static_cast<std::ptrdiff_t>(count))};
}

}  // namespace simbroker::fault
