// A dialogue is data: what a client does on its connections, act by act. Played to a broker it gives a transcript, and
// two brokers that answer alike give the same one. Where a scenario says what must come back, a dialogue only asks.
//
//   verb          argument
//   connect       {until, channels, channel_max, frame_max, heartbeat, vhost, mechanism, response, client_properties,
//                 locale}, all optional: a new connection in good order up to `until` (transport, start, start-ok,
//                 tune, tune-ok, open), and these channels on it ([1])
//   setup         a method: sent, and its -ok has to come; the transcript is silent about it, or ends here
//   call          a method: sent, and what comes is heard (`hear: 1`)
//   send          a method with its content; send_frame, send_bytes: octets, right or wrong on purpose
//   hear          how many items to wait for; then all that follow while none is `quiet` for longer
//   fence         a channel: all that comes until a harmless method on that channel is answered
//   drain         the name of a queue: its bodies, taken by no-ack gets
//   await_ready   {queue, messages}: until a passive declare says so
//   settle        {}: what is on its way arrives, on every channel (settle.hpp); what the broker closed is opened again
//   wait          a duration
//   drop          {}: the client ends its transport
//   operate       what the broker's operator does (conformance/step/operator.hpp)
//
// Beside the verb: on (which connection: 1), channel (1), quiet (60ms), within (5s), frame_max, split, confirms, log.
// Texts may use $vhost, $user, $password, $plain, $capabilities, and the names a broker made up, in the order they were
// seen: $gen1 (queues), $ctag1 (consumer tags), $reply_to1.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/catalogue/location.hpp"

namespace conformance::dialogue {

enum class Verb : std::uint8_t {
    connect,
    setup,
    call,
    send,
    send_frame,
    send_bytes,
    hear,
    fence,
    drain,
    await_ready,
    settle,
    wait,
    drop,
    operate,
};

std::string_view to_string(Verb);
std::optional<Verb> verb_from(std::string_view);

struct Act {
    Verb verb{};
    nlohmann::json argument{};
    unsigned line = 1;           // which of the client's connections
    nlohmann::json modifiers{};  // what stands beside the verb, but for `on`

    friend bool operator==(const Act&, const Act&) = default;
};

struct Dialogue {
    std::string id{};
    std::string about{};
    std::vector<std::string> needs{};  // what not every broker has: quorum, stream, plugin; alone
    // How the broker has to be configured, as a part of a BrokerConfig (preparation.hpp).
    nlohmann::json config = nlohmann::json::object();
    std::vector<Act> acts{};
    catalogue::Location at{};
};

// One act as it stands in a file. The error says what is wrong and what may stand there.
std::expected<Act, std::string> act_from_json(const nlohmann::json&);
nlohmann::json to_json(const Act&);

std::string to_yaml(const Dialogue&);

}  // namespace conformance::dialogue
