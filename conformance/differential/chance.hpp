// Draws for the generator.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simbroker/core/prng.hpp"

namespace conformance::differential {

class Chance {
public:
    explicit Chance(simbroker::Prng prng) : prng_(prng) {}

    bool one_in(std::uint64_t count) { return prng_.below(count) == 0; }
    std::uint64_t below(std::uint64_t bound) { return prng_.below(bound); }

    template <class T>
    const T& of(const std::vector<T>& choices) {
        return choices[prng_.below(choices.size())];
    }
    const char* of(std::initializer_list<const char*> choices) { return choices.begin()[prng_.below(choices.size())]; }

private:
    simbroker::Prng prng_;
};

}  // namespace conformance::differential
