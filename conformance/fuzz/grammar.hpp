// Right frames of either side, made from the table of methods: each field has a value that such a field has in
// conversations, with names from a small stock so that frames are about the same queues, and now and then any value.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/generate.hpp"
#include "simbroker/core/prng.hpp"

namespace conformance::fuzz {

using codec::amqp091::ChannelNumber;
using codec::wire::Bytes;
using Frames = std::vector<Bytes>;

class Grammar {
public:
    // `name` is what entities are called after.
    Grammar(simbroker::Prng prng, std::string name);

    std::uint64_t below(std::uint64_t bound) { return prng_.below(bound); }
    bool one_in(std::uint64_t count) { return prng_.below(count) == 0; }
    const std::string& name() const { return name_; }

    Bytes method(std::string_view name, ChannelNumber channel);
    Bytes any_method(ChannelNumber channel, codec::amqp091::Peer sender);
    // A method, and the header and bodies of its content if it carries one.
    void append(Frames& to, std::string_view name, ChannelNumber channel);
    void append_content(Frames& to, ChannelNumber channel);

    // A conversation a client might lead from its first channel on, its frames in order.
    Frames client_story();

private:
    nlohmann::json value(const codec::amqp091::FieldRow& field);
    nlohmann::json number(std::uint64_t largest);
    nlohmann::json table();
    std::string text(std::string_view field);

    simbroker::Prng prng_;
    std::string name_;
    codec::amqp091::Generator generator_;
};

}  // namespace conformance::fuzz
