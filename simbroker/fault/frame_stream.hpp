// Cuts one direction of a connection into units a fault plan can decide about. Unlike the codec's splitter it lets
// everything through: what is no frame (an absurd size, say) comes out as `opaque` octets, and so does all that
// follows.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "codec/amqp091/frame.hpp"

namespace simbroker::fault {

struct Unit {
    enum class Kind : std::uint8_t {
        protocol_header,
        frame,
        rest,  // of a frame whose beginning was only followed
        opaque,
    };

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

    // Octets that nobody wants to see: where frames end is noted, and nothing kept, so that feed() may go on at any
    // time. Only where nothing is kept.
    void follow(codec::wire::BytesView octets);
    bool keeps_nothing() const { return kept_.empty(); }

private:
    bool cut_one(std::vector<Unit>& units);
    Unit take(Unit::Kind kind, std::size_t count);
    std::size_t rest_of_followed(codec::wire::BytesView octets);
    void begin_frame(codec::wire::BytesView header, std::size_t already);

    codec::wire::Bytes kept_;
    std::size_t taken_ = 0;  // of kept_
    // Of a frame that is followed: the octets of its header so far, and then how many are still to come.
    std::array<codec::amqp091::Octet, codec::amqp091::frame_header_size> header_{};
    std::uint8_t in_header_ = 0;
    std::size_t to_come_ = 0;
    bool opaque_ = false;
};

}  // namespace simbroker::fault
