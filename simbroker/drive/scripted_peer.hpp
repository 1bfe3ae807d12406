// A client in a simulation that does exactly what its script says and tells what it got, a line a frame:
//
//     ScriptedPeer peer(simulation);                                      // connected, opened, channel 1 open
//     peer.ask(1, queue::Declare{.queue = "q"});                          // "1 queue.declare-ok(queue="q", ...)"
//
// A content is one line with its method: 1 basic.deliver(...) {delivery_mode=2} "body".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "simbroker/drive/simulation.hpp"

namespace simbroker::drive {

struct ScriptedPeerOptions {
    std::string user = "guest";
    std::string password = "guest";
    std::string vhost = "/";
    std::uint16_t channel_max = 2047;
    std::uint32_t frame_max = 131072;
    std::uint16_t heartbeat = 0;  // seconds; 0: none
    std::vector<std::string> capabilities{
        "consumer_cancel_notify", "connection.blocked", "authentication_failure_close"
    };
    std::uint16_t channels = 1;  // opened at once, from 1 on
};

class ScriptedPeer {
public:
    // Connects, shakes hands and opens channels; nothing of it shows in what `take` gives.
    explicit ScriptedPeer(Simulation& simulation, ScriptedPeerOptions options = {});

    // Only connects: the script has to shake hands itself.
    static ScriptedPeer silent(Simulation& simulation);

    void send(std::uint16_t channel, const codec::amqp091::Method& method);
    void send_octets(codec::wire::BytesView octets);
    void publish(
        std::uint16_t channel,
        const codec::amqp091::basic::Publish& publish,
        std::string_view body,
        const codec::amqp091::BasicProperties& properties = {}
    );

    // Runs until nothing is under way and takes the lines of what arrived.
    std::vector<std::string> take();
    // Sends, runs, and gives the lines joined by " ; ".
    std::string ask(std::uint16_t channel, const codec::amqp091::Method& method);

    bool closed() const { return simulation_.closed(id_); }
    void disconnect() { simulation_.disconnect(id_); }
    ConnectionId id() const { return id_; }

private:
    struct Silent {};
    ScriptedPeer(Simulation& simulation, Silent);

    void read(const codec::amqp091::Frame& frame, std::vector<std::string>& lines);

    Simulation& simulation_;
    ConnectionId id_;
    codec::amqp091::FrameSplitter splitter_;
};

}  // namespace simbroker::drive
