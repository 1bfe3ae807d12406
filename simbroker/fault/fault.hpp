// What a rule can do, as values. A fault on a method that carries content is about the whole content: header and bodies
// share the method's fate.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "simbroker/core/instant.hpp"
#include "simbroker/fault/mishap.hpp"
#include "simbroker/fault/template.hpp"
#include "simbroker/fault/trigger.hpp"

namespace simbroker::fault {

struct Drop {};

struct Duplicate {
    std::uint32_t copies = 1;
};

// Kept until it is released; what follows overtakes it.
struct Hold {
    std::string label;
};

// Kept for a time; what follows overtakes it.
struct Delay {
    Duration duration;
};

// Fields of the method change, and what the content's header and body say.
struct Replace {
    Template fields;
};

// Frames of ours travel along, in either direction.
struct Say {
    enum class Where : std::uint8_t { before, after, instead };
    Where where{};
    Script to_client{};
    Script to_server{};
};

// The frame as such changes, whatever it holds.
struct EditFrame {
    std::optional<codec::amqp091::Octet> type{};
    std::optional<codec::amqp091::ChannelNumber> channel{};
    std::optional<codec::amqp091::Octet> end{};
    std::optional<std::uint32_t> size{};            // that it announces
    std::size_t cut = 0;                            // octets that its payload loses at the end
    codec::wire::Bytes append{};                    // octets that its payload gets at the end
    std::optional<std::size_t> beyond_frame_max{};  // it grows to so many octets more than were agreed
};

// So many are gathered, or all of a while; then they go on in another order.
struct Reorder {
    enum class Order : std::uint8_t { kept, reversed, shuffled, by_consumer };
    // Of basic.ack and basic.nack to the client: each tag by itself, or as few as can be.
    enum class Confirms : std::uint8_t { as_they_are, single, multiple };

    std::uint32_t count = 2;
    Duration within = std::chrono::seconds(1);
    Order order = Order::kept;
    Confirms confirms = Confirms::as_they_are;
};

// It goes no further and the transport is dropped, at both ends.
struct DropTransport {};

// It goes no further: the broker crashes, or stops in order, and starts again when the outage is over.
struct Outage {
    enum class Kind : std::uint8_t { crash, restart };
    Kind kind{};
    Duration lasting{};
    std::optional<Operation> first{};  // performed before
};

using Fault = std::variant<
    Drop,
    Duplicate,
    Hold,
    Delay,
    Replace,
    Say,
    EditFrame,
    Reorder,
    DropTransport,
    Outage,
    ChangeWire,
    ChangeDoor,
    Order,
    Alarm,
    KillConnection>;

// A fault of mishap.hpp.
bool is_mishap(const Fault&);

}  // namespace simbroker::fault
