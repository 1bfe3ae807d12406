// The conversation of a case as the JSON report holds it: one object a moment, in order.
//
//   {"kind": "phase", "at": 0.0, "name": "preparation" | "scenario" | "afterwards" | "clean-up"}
//   {"kind": "step", "at": 0.1, "number": 3, "outer": 2, "file": .., "line": .., "verb": "expect", "argument": ..,
//    "modifiers": {..}, "until": 0.2, "outcome": "done" | a verdict, "message": .., "expected": .., "got": ..}
//   {"kind": "frame", "at": 0.1, "during": 3, "connection": "main", "from": "client" | "broker", "channel": 1,
//    "type": "method" | "header" | "body" | "heartbeat" | a number, "name": "basic.ack", "fields": {..} | "properties":
//    {..}, "size": 21, "octets": "01..ce", "taken_by": 4}
//   {"kind": "protocol_header" | "octets", ...}         as a frame, but for channel, type and what is decoded
//   {"kind": "asked" | "answered" | "opened" | ..., "at": .., "during": .., "connection": .., "text": .., "value": ..}
//   {"kind": "left_out", "count": 12000}
//
// Times are in seconds since the beginning of the case. What is empty is left out. Long octets are cut; `size` is the
// whole.
#pragma once

#include <nlohmann/json.hpp>

#include "conformance/step/timeline.hpp"

namespace conformance::report {

nlohmann::json to_json(const step::Timeline&);

}  // namespace conformance::report
