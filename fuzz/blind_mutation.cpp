#include "fuzz/blind_mutation.hpp"

#include <algorithm>
#include <array>

namespace fuzz {

using codec::wire::Byte;
using codec::wire::Bytes;

namespace {

constexpr std::size_t most_octets = 4096;

}  // namespace

Bytes BlindMutation::change_one_of(const std::vector<Bytes>& pool) {
    auto octets = pool[prng_.below(pool.size())];
    for (auto left = 1 + prng_.below(8); left > 0; --left) {
        if (custom_ != nullptr && prng_.below(8) != 0) {
            const auto size = octets.size();
            octets.resize(std::max(size, most_octets));
            octets.resize(custom_(octets.data(), size, octets.size(), static_cast<unsigned>(prng_.next())));
        } else {
            change(octets, pool[prng_.below(pool.size())]);
        }
    }
    return octets;
}

void BlindMutation::change(Bytes& octets, const Bytes& other) {
    constexpr std::array<Byte, 12> edges{0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', '0', '9', ':', '\n'};
    const auto at = prng_.below(octets.size() + 1);
    const auto place = octets.begin() + static_cast<std::ptrdiff_t>(at);
    const auto rest = octets.size() - at;
    switch (prng_.below(6)) {
        case 0: octets.insert(place, edges[prng_.below(edges.size())]); return;
        case 1:
            if (rest > 0) octets[at] = edges[prng_.below(edges.size())];
            return;
        case 2:
            if (rest > 0) octets[at] = static_cast<Byte>(octets[at] ^ (1U << prng_.below(8)));
            return;
        case 3:
            octets.erase(place, place + static_cast<std::ptrdiff_t>(prng_.below(std::min<std::size_t>(rest, 16) + 1)));
            return;
        case 4: {  // a piece of another
            const auto begin = prng_.below(other.size() + 1);
            const auto size = prng_.below(std::min<std::size_t>(other.size() - begin, 64) + 1);
            const auto from = other.begin() + static_cast<std::ptrdiff_t>(begin);
            octets.insert(place, from, from + static_cast<std::ptrdiff_t>(size));
            return;
        }
        default: {  // a piece again
            const Bytes piece(
                place, place + static_cast<std::ptrdiff_t>(prng_.below(std::min<std::size_t>(rest, 64) + 1))
            );
            octets.insert(place, piece.begin(), piece.end());
            return;
        }
    }
}

}  // namespace fuzz
