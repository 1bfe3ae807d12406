#include "simbroker/fault/trigger.hpp"

#include "codec/amqp091/codec.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

FrameKind kind_of(const Unit& unit) {
    if (unit.kind == Unit::Kind::protocol_header) return FrameKind::protocol_header;
    if (unit.kind != Unit::Kind::frame) return FrameKind::any;
    switch (unit.type()) {
        case frame_type::method: return FrameKind::method;
        case frame_type::header: return FrameKind::header;
        case frame_type::body: return FrameKind::body;
        case frame_type::heartbeat: return FrameKind::heartbeat;
    }
    return FrameKind::any;
}

bool Trigger::matches(const Passage& passage) const {
    if (passage.toward != toward) return false;
    if (connection && *connection != passage.connection) return false;
    if (channel && *channel != passage.unit.channel()) return false;
    if (frame != FrameKind::any && frame != kind_of(passage.unit)) return false;
    if (method && peek_method_id(passage.unit.payload()) != method) return false;
    if ((from && passage.now < *from) || (until && passage.now >= *until)) return false;
    return !queue || passage.queue == queue;
}

}  // namespace simbroker::fault
