#include "codec/amqp091/utf8.hpp"

#include <cstdint>

namespace codec::amqp091 {
namespace {

struct LeadOctet {
    int followers;
    std::uint32_t bits;
    std::uint32_t smallest;
};

LeadOctet classify(unsigned char octet) {
    if (octet < 0x80) return {0, octet, 0};
    if (octet >> 5 == 0b110) return {1, octet & 0x1fu, 0x80};
    if (octet >> 4 == 0b1110) return {2, octet & 0x0fu, 0x800};
    if (octet >> 3 == 0b11110) return {3, octet & 0x07u, 0x10000};
    return {-1, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto [followers, bits, smallest] = classify(static_cast<unsigned char>(text[i]));
        if (followers < 0 || text.size() - i <= static_cast<std::size_t>(followers)) return false;
        for (; followers > 0; --followers) {
            const auto next = static_cast<unsigned char>(text[++i]);
            if (next >> 6 != 0b10) return false;
            bits = bits << 6 | (next & 0x3fu);
        }
        const bool surrogate = bits >= 0xd800 && bits <= 0xdfff;
        if (bits < smallest || surrogate || bits > 0x10ffff) return false;
    }
    return true;
}

bool has_malformed_short_string(const Method& method) {
    return std::visit(
        []<class M>(const M& m) {
            const auto malformed = [&]<class F>(const F& row) {
                if constexpr (!is_reserved<F> && std::is_same_v<typename F::type, ShortString>) {
                    return !is_utf8((m.*row.member).text());
                }
                return false;
            };
            return std::apply([&](const auto&... rows) { return (malformed(rows) || ...); }, M::fields);
        },
        method
    );
}

}  // namespace codec::amqp091
