#include "conformance/report/xml.hpp"

#include <cstdint>
#include <optional>

namespace conformance::report {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct CodePoint {
    std::uint32_t value;
    std::size_t octets;
};

// The code point at the start of `text`; nothing: no UTF-8.
std::optional<CodePoint> decode(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const auto first = octet(0);
    if (first < 0x80) return CodePoint{first, 1};
    const std::size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (first < 0xc2 || first > 0xf4 || text.size() < count) return {};
    auto value = first & (0xffU >> (count + 1));
    for (std::size_t i = 1; i < count; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return {};
        value = value << 6 | (octet(i) & 0x3f);
    }
    if (value < least[count] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
    return CodePoint{value, count};
}

// XML 1.0, production [2] Char
bool allowed(std::uint32_t value) {
    if (value < 0x20) return value == '\t' || value == '\n' || value == '\r';
    return value != 0xfffe && value != 0xffff;
}

}  // namespace

std::string xml_text(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto point = decode(text);
        const std::size_t octets = point ? point->octets : 1;
        if (!point || !allowed(point->value)) {
            result += replacement;
        } else if (text[0] == '&') {
            result += "&amp;";
        } else if (text[0] == '<') {
            result += "&lt;";
        } else if (text[0] == '>') {
            result += "&gt;";
        } else if (text[0] == '"') {
            result += "&quot;";
        } else {
            result += text.substr(0, octets);
        }
        text.remove_prefix(octets);
    }
    return result;
}

}  // namespace conformance::report
