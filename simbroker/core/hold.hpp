// An alarm holds publishers back: the event in which the broker says that it reads no more from a connection, for
// drivers to leave in the transport what comes there. What a driver gives the broker nevertheless is kept and accounted
// for.
#pragma once

#include <optional>

#include "simbroker/core/output.hpp"

namespace simbroker {

enum class Hold : std::uint8_t { begins, ends };

inline Event hold_event(Hold hold, ConnectionId connection, std::string reason) {
    return {
        .kind = Event::Kind::alarm,
        .connection = connection,
        .subject = std::move(reason),
        .detail = hold == Hold::begins ? "held_back" : "released",
    };
}

// Nothing: the event is about something else.
inline std::optional<Hold> hold_in(const Event& event) {
    if (event.kind != Event::Kind::alarm || event.connection.value == 0) return std::nullopt;
    return event.detail == "held_back" ? Hold::begins : Hold::ends;
}

}  // namespace simbroker
