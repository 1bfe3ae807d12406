// Frames written down as JSON: what scenarios send, what a fault plan inserts, what a control API is told.
// Right frames are easy to write here, and wrong ones are possible.
//
//   octets    "text" | {"hex": "00ff"} | {"pattern": 5000} | {"concat": [octets, ...]}
//   message   "tx.select" | {"basic.publish": {fields}, "properties": {..}, "body": octets}
//   frame     {"method": "tx.select" | {name: fields}}  | {"header": {class_id, weight, body_size, properties}}
//             | {"body": octets} | {"heartbeat": {}} | {"type": 9, "payload": octets}
//             and beside it, to be wrong on purpose: "type", "size", "end"
//   script    a list of messages, {"frame": frame} and {"bytes": octets}
//
// Messages and frames may say "channel"; otherwise connection.* methods and heartbeats go to channel 0, all else to
// the default. An error is a sentence that names what is wrong and what may stand there.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "codec/amqp091/frame.hpp"

namespace simbroker::fault {

struct NotationDefaults {
    codec::amqp091::ChannelNumber channel{1};
    std::size_t frame_max = 131072;  // bodies of messages are cut to frames of this size; 0: never
};

using Octets = std::expected<codec::wire::Bytes, std::string>;

Octets octets_from_json(const nlohmann::json&);
Octets message_from_json(const nlohmann::json&, const NotationDefaults&);
Octets frame_from_json(const nlohmann::json&, const NotationDefaults&);
Octets script_from_json(const nlohmann::json&, const NotationDefaults&);

// The octets {"pattern": size} stands for: letters with a period of 23, so that no power of two hides a shift.
std::string pattern(std::size_t size);

// The key of a message that is its method, or an error: exactly one key has to be no "properties", "body" or "channel".
std::expected<std::string, std::string> method_of_message(const nlohmann::json&);

}  // namespace simbroker::fault
