#include "simbroker/drive/scripted_peer.hpp"

#include <fmt/format.h>

namespace simbroker::drive {

using codec::amqp091::ChannelNumber;
using codec::amqp091::Frame;
using codec::amqp091::LongString;
using codec::amqp091::Method;
using codec::wire::Bytes;
namespace frame_type = codec::amqp091::frame_type;
namespace methods = codec::amqp091;

namespace {

constexpr std::size_t any_payload = 0xffffffff;

Bytes opening(const ScriptedPeerOptions& options) {
    methods::FieldTableBuilder capabilities;
    for (const auto& name : options.capabilities) capabilities.add(name, true);
    methods::FieldTableBuilder properties;
    properties.add("capabilities", capabilities.view());
    const auto response = std::string(1, '\0') + options.user + std::string(1, '\0') + options.password;
    Bytes out(methods::protocol_header_091.begin(), methods::protocol_header_091.end());
    append_method(
        out,
        methods::connection_channel,
        methods::connection::StartOk{
            .client_properties = properties.view(), .mechanism = "PLAIN", .response = {response}, .locale = "en_US"
        }
    );
    append_method(
        out,
        methods::connection_channel,
        methods::connection::TuneOk{
            .channel_max = options.channel_max, .frame_max = options.frame_max, .heartbeat = options.heartbeat
        }
    );
    append_method(out, methods::connection_channel, methods::connection::Open{.virtual_host = options.vhost});
    for (std::uint16_t channel = 1; channel <= options.channels; ++channel) {
        append_method(out, ChannelNumber{channel}, methods::channel::Open{});
    }
    return out;
}

std::string quoted(std::string_view text) { return to_string(methods::FieldValue(LongString{text})).substr(1); }

}  // namespace

ScriptedPeer::ScriptedPeer(Simulation& simulation, Silent)
    : simulation_(simulation), id_(simulation.connect()), splitter_(any_payload) {}

ScriptedPeer::ScriptedPeer(Simulation& simulation, ScriptedPeerOptions options) : ScriptedPeer(simulation, Silent{}) {
    send_octets(opening(options));
    take();
}

ScriptedPeer ScriptedPeer::silent(Simulation& simulation) { return {simulation, Silent{}}; }

void ScriptedPeer::send_octets(codec::wire::BytesView octets) { simulation_.send(id_, octets); }

void ScriptedPeer::send(std::uint16_t channel, const Method& method) {
    Bytes out;
    append_method(out, ChannelNumber{channel}, method);
    send_octets(out);
}

void ScriptedPeer::publish(
    std::uint16_t channel,
    const methods::basic::Publish& publish,
    std::string_view body,
    const methods::BasicProperties& properties
) {
    Bytes property_octets;
    encode(properties, property_octets);
    Bytes out;
    append_method(out, ChannelNumber{channel}, publish);
    append_content(out, ChannelNumber{channel}, property_octets, codec::wire::as_bytes(body), 131072);
    send_octets(out);
}

std::vector<std::string> ScriptedPeer::take() {
    simulation_.run_until_idle();
    const auto octets = simulation_.received(id_);
    std::vector<std::string> lines;
    splitter_.feed(octets);
    if (octets.size() == 8 && octets[0] == 'A') {
        const auto header = *splitter_.take(8);
        return {fmt::format("header {} {} {} {}", header[4], header[5], header[6], header[7])};
    }
    while (const auto frame = splitter_.next()) {
        if (!*frame) {
            lines.push_back("broken frame " + to_string(frame->error()));
            break;
        }
        read(**frame, lines);
    }
    return lines;
}

void ScriptedPeer::read(const Frame& frame, std::vector<std::string>& lines) {
    switch (frame.type) {
        case frame_type::method: {
            const auto method = methods::decode_method(frame.payload);
            const auto shown = method ? methods::to_string(*method) : "undecodable " + to_string(method.error());
            lines.push_back(fmt::format("{} {}", frame.channel.value, shown));
            break;
        }
        case frame_type::header: {
            const auto header = methods::decode_content_header(frame.payload);
            const auto properties = methods::decode_properties(header->property_octets);
            lines.back() += " " + (properties ? to_string(*properties) : "undecodable properties");
            if (header->body_size == 0) lines.back() += " \"\"";
            break;
        }
        case frame_type::body: lines.back() += " " + quoted(codec::wire::as_text(frame.payload)); break;
        case frame_type::heartbeat: lines.push_back("heartbeat"); break;
        default: lines.push_back(fmt::format("frame of type {}", frame.type));
    }
}

std::string ScriptedPeer::ask(std::uint16_t channel, const Method& method) {
    send(channel, method);
    std::string joined;
    for (const auto& line : take()) joined += (joined.empty() ? "" : " ; ") + line;
    return joined;
}

}  // namespace simbroker::drive
