// The only source of chance in the core: seeded, portable (no std:: distribution, whose results differ
// between libraries), and forked by purpose, so that one more draw here moves nothing there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simbroker {

using Seed = std::uint64_t;

// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state, every seed is good.
class Prng {
public:
    explicit Prng(Seed seed) : state_(seed) {}

    // An independent generator for `purpose`, the same for the same seed whatever was drawn here.
    static Prng fork(Seed seed, std::string_view purpose) {
        std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
        for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        return Prng(Prng(seed ^ hash).next());
    }

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    // Evenly from 0 to bound - 1; bound > 0.
    std::uint64_t below(std::uint64_t bound) {
        const auto limit = UINT64_MAX - UINT64_MAX % bound;
        auto drawn = next();
        while (drawn >= limit) drawn = next();
        return drawn % bound;
    }

    // True with probability numerator / denominator.
    bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

private:
    std::uint64_t state_;
};

}  // namespace simbroker
