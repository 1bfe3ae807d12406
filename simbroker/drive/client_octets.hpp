// What a simple client says, as octets: for load programs and tests, which need no more of a client than this.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/amqp091/codec.hpp"

namespace simbroker::drive {

struct Login {
    std::string_view user = "guest";
    std::string_view password = "guest";
    std::string_view vhost = "/";
    std::uint32_t frame_max = 131072;
    std::uint16_t heartbeat = 0;
    std::uint16_t channels = 1;  // opened: 1, 2, ...
};

// Everything from the protocol header to channel.open in one go. A broker reads them one after the other, so nobody
// has to wait for its answers.
codec::wire::Bytes login_octets(const Login& login = {});

// A transient message without properties but delivery-mode, to the default exchange.
void append_publish(codec::wire::Bytes& out, std::string_view queue, codec::wire::BytesView body);

}  // namespace simbroker::drive
