#include "codec/wire/hex.hpp"

namespace codec::wire {
namespace {

std::optional<Byte> digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<Byte>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<Byte>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<Byte>(c - 'A' + 10);
    return std::nullopt;
}

}  // namespace

std::string to_hex(BytesView octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(octets.size() * 2);
    for (const auto octet : octets) {
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        if (at + 1 == text.size()) return std::nullopt;
        const auto high = digit(text[at]);
        const auto low = digit(text[at + 1]);
        if (!high || !low) return std::nullopt;
        out.push_back(static_cast<Byte>(*high << 4 | *low));
        at += 2;
    }
    return out;
}

}  // namespace codec::wire
