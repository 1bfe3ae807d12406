// A trace as a capture that Wireshark reads: every connection of the trace is a TCP connection to port 5672 on a
// network made up for it, with right sequence numbers and checksums, at the instants of the broker's calendar.
#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>

#include "simbroker/core/trace.hpp"

namespace simbroker::trace {

struct Capture {
    std::uint64_t packets = 0;
    std::uint64_t connections = 0;
};

// A file cut short is exported up to there.
std::expected<Capture, TraceError> write_pcapng(std::istream& trace, std::ostream& to);

}  // namespace simbroker::trace
