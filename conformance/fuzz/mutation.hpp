// Frames made wrong on purpose: their fields, lengths, types and order, cut short, twice, and in pieces.
#pragma once

#include "conformance/fuzz/grammar.hpp"

namespace conformance::fuzz {

class Mutator {
public:
    // Whose methods take the place of others.
    Mutator(simbroker::Prng prng, codec::amqp091::Peer sender);

    // One mutation: of one of the frames, or of their order.
    void mutate(Frames& frames);
    // One mutation of this frame.
    void mutate(Bytes& frame);

private:
    void reorder(Frames& frames);
    void change_payload(Bytes& frame);
    void change_octet(Bytes& octets, std::size_t at);
    void change_length(Bytes& frame);
    std::size_t payload_size(const Bytes& frame) const;

    simbroker::Prng prng_;
    Grammar grammar_;
    codec::amqp091::Peer sender_;
};

}  // namespace conformance::fuzz
