#include "simbroker/fault/fault_plan.hpp"

#include <cassert>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

namespace {

FrameKind kind_of(const Unit& unit) {
    if (unit.kind == Unit::Kind::protocol_header) return FrameKind::protocol_header;
    if (unit.kind == Unit::Kind::opaque) return FrameKind::any;
    switch (unit.type()) {
        case frame_type::method: return FrameKind::method;
        case frame_type::header: return FrameKind::header;
        case frame_type::body: return FrameKind::body;
        case frame_type::heartbeat: return FrameKind::heartbeat;
    }
    return FrameKind::any;
}

}  // namespace

bool Trigger::matches(ConnectionId id, Toward direction, const Unit& unit) const {
    if (direction != toward) return false;
    if (connection && *connection != id) return false;
    if (channel && *channel != unit.channel()) return false;
    if (frame != FrameKind::any && frame != kind_of(unit)) return false;
    return !method || (kind_of(unit) == FrameKind::method && peek_method_id(unit.payload()) == method);
}

codec::wire::Bytes Script::render(ChannelNumber channel) const {
    auto octets = script_from_json(frames, {.channel = channel});
    assert(octets && "a script is checked when its rule is made");
    return std::move(*octets);
}

const Fault* FaultPlan::decide(ConnectionId id, Toward toward, const Unit& unit) {
    const Fault* decided = nullptr;
    for (auto& [rule, matched] : rules_) {
        if (!rule.when.matches(id, toward, unit)) continue;
        ++matched;
        if (decided != nullptr) continue;
        if (rule.when.nth && matched != *rule.when.nth) continue;
        if (rule.when.times && matched > *rule.when.times) continue;
        decided = &rule.act;
    }
    return decided;
}

}  // namespace simbroker::fault
