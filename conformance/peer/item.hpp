// What a peer said, one thing at a time: a method with its content, a heartbeat, a protocol header, something broken,
// or the end of the transport. Items own their octets.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/amqp091/codec.hpp"

namespace conformance::peer {

struct Content {
    codec::wire::Bytes property_octets;
    codec::wire::Bytes body;
    std::vector<std::size_t> frames;  // octets in each body frame
};

struct Item {
    enum class Kind : std::uint8_t {
        method,
        heartbeat,
        protocol_header,
        broken,  // no peer may say this whatever the state: `trouble` says what it is
        end,     // the transport is gone
    };

    Kind kind{};
    codec::amqp091::ChannelNumber channel;
    std::shared_ptr<const codec::wire::Bytes> payload;  // of the method frame, or the protocol header
    std::optional<codec::amqp091::Method> method;       // views `payload`
    std::optional<Content> content;
    std::string trouble;
    std::size_t nth = 0;  // frame of its direction it begins with, or is about; protocol headers count, too

    bool is(std::string_view method_name) const;
};

// channel 1: basic.deliver(...) {content_type="text/plain"} "hello"
std::string describe(const Item&);
std::string describe_octets(codec::wire::BytesView octets);  // quoted text or hex, cut when long

}  // namespace conformance::peer
