// What becomes of wires and of the door, as a trace has it.
#pragma once

#include "simbroker/core/trace_octets.hpp"
#include "simbroker/core/wire.hpp"

namespace simbroker::traced {

void write(Record& record, const Wire& wire);
void write(Record& record, const Door& door);
Wire read_wire(Source& source);
Door read_door(Source& source);

}  // namespace simbroker::traced
