#include "simbroker/server091/erlang_term.hpp"

#include <algorithm>

namespace simbroker::server091 {
namespace {

bool is_printable(codec::wire::Byte octet) {
    return (octet >= 0x20 && octet <= 0x7e) || octet >= 0xa0 || (octet >= 0x08 && octet <= 0x0d) || octet == 0x1b;
}

std::string escaped(codec::wire::Byte octet) {
    switch (octet) {
        case '"': return "\\\"";
        case '\\': return "\\\\";
        case 0x08: return "\\b";
        case 0x09: return "\\t";
        case 0x0a: return "\\n";
        case 0x0b: return "\\v";
        case 0x0c: return "\\f";
        case 0x0d: return "\\r";
        case 0x1b: return "\\e";
        default: return std::string(1, static_cast<char>(octet));
    }
}

}  // namespace

std::string erlang_octets(codec::wire::BytesView octets) {
    std::string out = "<<";
    for (const auto octet : octets) {
        if (out.size() > 2) out += ',';
        out += std::to_string(octet);
    }
    return out + ">>";
}

std::string erlang_text_or_octets(codec::wire::BytesView octets) {
    if (octets.empty() || !std::ranges::all_of(octets, is_printable)) return erlang_octets(octets);
    std::string out = "<<\"";
    for (const auto octet : octets) out += escaped(octet);
    return out + "\">>";
}

}  // namespace simbroker::server091
