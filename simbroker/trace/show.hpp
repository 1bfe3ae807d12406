// A trace for human eyes: a line for each moment, and a lane for each connection that is open then.
#pragma once

#include <expected>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/trace/story.hpp"

namespace simbroker::trace {

// Which moments are wanted.
struct Selection {
    std::optional<ConnectionId> connection{};  // those of this one, and those of none
    Instant from{};
    Instant to = Instant::max();
    enum class Heartbeats : std::uint8_t { hidden, shown };
    Heartbeats heartbeats = Heartbeats::hidden;

    bool wants(const Moment&) const;
};

// Draws moments; it has to see all of them, in order.
//
//     o  connected     >  a frame to the broker     x  ended     *  an event of this connection
//     |  open          <  a frame to the client     !  something an operator or a fault did
class Drawing {
public:
    std::string line(const Moment&);

private:
    std::size_t lane_of(ConnectionId);

    std::vector<ConnectionId> lanes_;  // 0: free
};

// Writes the header and the lines. A file cut short is shown up to there, and a last line says so.
std::expected<void, TraceError> show(std::istream& trace, std::ostream& to, const Selection& selection = {});

}  // namespace simbroker::trace
