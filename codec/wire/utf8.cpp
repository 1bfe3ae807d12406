#include "codec/wire/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace codec::wire {
namespace {

// The sequences a first octet may begin (RFC 3629, section 4): how many octets follow and the range of the next one,
// which is what excludes overlong forms, surrogates and code points that do not exist.
struct Sequence {
    std::size_t following;
    std::uint8_t second_low, second_high;
};

constexpr Sequence none{0, 1, 0};

constexpr Sequence sequence_of(std::uint8_t first) {
    if (first < 0x80) return {0, 0, 0};
    if (first < 0xc2) return none;
    if (first < 0xe0) return {1, 0x80, 0xbf};
    if (first == 0xe0) return {2, 0xa0, 0xbf};
    if (first == 0xed) return {2, 0x80, 0x9f};
    if (first < 0xf0) return {2, 0x80, 0xbf};
    if (first == 0xf0) return {3, 0x90, 0xbf};
    if (first < 0xf4) return {3, 0x80, 0xbf};
    if (first == 0xf4) return {3, 0x80, 0x8f};
    return none;
}

constexpr bool in_range(char c, std::uint8_t low, std::uint8_t high) {
    const auto octet = static_cast<std::uint8_t>(c);
    return low <= octet && octet <= high;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto sequence = sequence_of(static_cast<std::uint8_t>(text[at]));
        if (sequence.second_low > sequence.second_high) return false;
        if (text.size() - at <= sequence.following) return false;
        for (std::size_t i = 1; i <= sequence.following; ++i) {
            const auto low = i == 1 ? sequence.second_low : std::uint8_t{0x80};
            const auto high = i == 1 ? sequence.second_high : std::uint8_t{0xbf};
            if (!in_range(text[at + i], low, high)) return false;
        }
        at += sequence.following + 1;
    }
    return true;
}

}  // namespace codec::wire
