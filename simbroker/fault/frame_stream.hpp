// Cuts one direction of a connection into units a fault plan can decide about. Unlike the codec's splitter it lets
// everything through: what is no frame (an absurd size, say) comes out as `opaque` octets, and so does all that
// follows.
#pragma once

#include <string>
#include <vector>

#include "codec/amqp091/frame.hpp"

namespace simbroker::fault {

struct Unit {
    enum class Kind : std::uint8_t { protocol_header, frame, opaque };

    Kind kind{};
    codec::wire::Bytes octets;  // all of it, with frame header and frame-end

    codec::amqp091::Octet type() const { return octets[0]; }
    codec::amqp091::ChannelNumber channel() const;
    codec::wire::BytesView payload() const;
};

class FrameStream {
public:
    static constexpr std::size_t largest_payload = std::size_t{1} << 24;

    std::vector<Unit> feed(codec::wire::BytesView octets);

private:
    bool cut_one(std::vector<Unit>& units);
    Unit take(Unit::Kind kind, std::size_t count);

    codec::wire::Bytes kept_;
    std::size_t taken_ = 0;  // of kept_
    bool opaque_ = false;
};

}  // namespace simbroker::fault
