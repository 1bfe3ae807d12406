// The versions of AMQP that go by one codec, and which methods each of them has. 0-9 differs from 0-9-1 in little that
// is seen on the wire: it has access tickets, basic.recover is asynchronous, and 505 is no reply code of it.
#pragma once

#include <cstdint>
#include <string_view>

#include "codec/amqp091/codec.hpp"

namespace simbroker::server091 {

enum class ProtocolVersion : std::uint8_t { v0_9_1, v0_9 };

constexpr std::string_view to_string(ProtocolVersion version) {
    return version == ProtocolVersion::v0_9_1 ? "AMQP 0-9-1" : "AMQP 0-9";
}

// As published, without what RabbitMQ added.
bool has_method(ProtocolVersion version, codec::amqp091::MethodId id);

}  // namespace simbroker::server091
