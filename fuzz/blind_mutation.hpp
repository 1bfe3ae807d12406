// Changes inputs without knowing what they reach: for compilers that have no libFuzzer, and for every run of the tests.
#pragma once

#include <vector>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/prng.hpp"

namespace fuzz {

class BlindMutation {
public:
    // As libFuzzer calls it; may be null.
    using Custom = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t most, unsigned int seed);

    BlindMutation(simbroker::Seed seed, Custom custom) : prng_(seed), custom_(custom) {}

    codec::wire::Bytes change_one_of(const std::vector<codec::wire::Bytes>& pool);

private:
    void change(codec::wire::Bytes& octets, const codec::wire::Bytes& other);

    simbroker::Prng prng_;
    Custom custom_;
};

}  // namespace fuzz
