// One transport of a conversation as the steps see it: what has arrived and was not looked at yet, and what was
// negotiated.
#pragma once

#include <deque>
#include <string>

#include "conformance/peer/item_reader.hpp"
#include "conformance/step/stage.hpp"

namespace conformance::step {

struct Line {
    enum class Progress : std::uint8_t { transport, start, tune, open };  // of the handshake
    enum class Heartbeats : std::uint8_t { automatic, none };

    LineId id;
    std::string name;
    peer::ItemReader incoming;  // from the peer under test
    peer::ItemReader outgoing;  // to it, for the transcript
    std::deque<peer::Item> inbox;
    bool ended = false;
    bool closed_by_us = false;    // role broker: connection.close was sent; the transport is ours to end
    bool closed_by_peer = false;  // role broker: connection.close-ok was sent, so the peer has to end the transport

    Progress progress = Progress::transport;
    std::uint16_t channel_max = 0;
    std::uint32_t frame_max = 0;
    std::chrono::seconds heartbeat{};
    Heartbeats heartbeats = Heartbeats::automatic;
    Instant last_sent{};
    nlohmann::json server_properties;
    codec::amqp091::ChannelNumber last_opened{1};  // role client: of the client's last channel.open
};

}  // namespace conformance::step
