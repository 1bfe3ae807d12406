// The client's half of a conversation, without looking at the other half.
#include "simbroker/drive/client_octets.hpp"

#include <string>

namespace simbroker::drive {

using namespace codec::amqp091;

Bytes login_octets(const Login& login) {
    Bytes out(protocol_header_091.begin(), protocol_header_091.end());
    std::string plain;  // RFC 4616: no authorisation identity, NUL, user, NUL, password
    plain.append(1, '\0').append(login.user).append(1, '\0').append(login.password);
    append_method(
        out, connection_channel, connection::StartOk{.mechanism = "PLAIN", .response = {plain}, .locale = "en_US"}
    );
    append_method(
        out,
        connection_channel,
        connection::TuneOk{.channel_max = 2047, .frame_max = login.frame_max, .heartbeat = login.heartbeat}
    );
    append_method(out, connection_channel, connection::Open{.virtual_host = login.vhost});
    for (std::uint16_t number = 1; number <= login.channels; ++number) {
        append_method(out, ChannelNumber{number}, channel::Open{});
    }
    return out;
}

void append_publish(Bytes& out, std::string_view queue, BytesView body) {
    append_method(out, ChannelNumber{1}, basic::Publish{.routing_key = queue});
    Bytes properties;
    encode(BasicProperties{.delivery_mode = transient_delivery}, properties);
    append_content(out, ChannelNumber{1}, properties, body, 131072);
}

}  // namespace simbroker::drive
