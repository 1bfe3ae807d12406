// Numbers for the property tests: SplitMix64 (Steele, Lea, Flood 2014), the same on every machine.
#pragma once

#include <cstdint>

namespace codec::amqp091 {

inline auto numbers(std::uint64_t seed) {
    return [state = seed]() mutable {
        state += 0x9e3779b97f4a7c15;
        auto z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    };
}

}  // namespace codec::amqp091
