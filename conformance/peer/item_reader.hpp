// Octets of one direction to items, and the rules every peer must keep at all times: well-formed frames no longer than
// negotiated, contents in one piece, delivery tags that count up. A breach is an item of its own (Item::Kind::broken).
#pragma once

#include <map>
#include <vector>

#include "conformance/peer/item.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace conformance::peer {

class ItemReader {
public:
    std::vector<Item> feed(codec::wire::BytesView octets);

    // What was negotiated; 0: no limit.
    void set_frame_max(std::uint32_t frame_max) { frame_max_ = frame_max; }

private:
    struct Partial {  // a content on its way
        Item item;
        bool header_seen = false;
        std::uint64_t missing = 0;
    };

    void read(const simbroker::fault::Unit&, std::vector<Item>& items);
    void read_method(const simbroker::fault::Unit&, std::vector<Item>& items);
    void read_header(const simbroker::fault::Unit&, std::vector<Item>& items);
    void read_body(const simbroker::fault::Unit&, std::vector<Item>& items);
    void read_heartbeat(const simbroker::fault::Unit&, std::vector<Item>& items);
    void complete(codec::amqp091::ChannelNumber, std::vector<Item>& items);
    void check_delivery_tag(const Item&, std::vector<Item>& items);

    simbroker::fault::FrameStream stream_;
    std::size_t frames_ = 0;
    std::uint32_t frame_max_ = 0;
    std::map<codec::amqp091::ChannelNumber, Partial> partial_;
    std::map<codec::amqp091::ChannelNumber, std::uint64_t> last_tag_;
};

}  // namespace conformance::peer
