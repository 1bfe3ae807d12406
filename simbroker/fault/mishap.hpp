// What a rule does to wires, to the door and to the broker itself, as values. What lasts for a time is undone after it.
#pragma once

#include <optional>
#include <string>

#include "simbroker/core/input.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/operation.hpp"
#include "simbroker/core/wire.hpp"

namespace simbroker::fault {

// From the frame that set it off on, as far as that is still on its way. Where the connection ends, or octets vanish,
// it goes no further.
struct ChangeWire {
    std::optional<Toward> way{};  // nothing: both
    wire::Change change{};
    std::optional<Duration> lasting{};
    std::size_t at = 0;  // so many octets of the frame are not touched
};

struct ChangeDoor {
    door::Change change{};
    std::optional<Duration> lasting{};
};

// Operators and hardware: after the frame that set it off.
struct Order {
    Operation operation{};
    std::optional<Operation> undo{};
    std::optional<Duration> lasting{};
};

struct Alarm {
    SetAlarm set{};
    std::optional<Duration> lasting{};
};

// connection.close 320 with this reason.
struct KillConnection {
    std::string reason{};
};

}  // namespace simbroker::fault
