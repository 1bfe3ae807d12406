#include "simbroker/server091/erlang_term.hpp"

#include <algorithm>
#include <ranges>

namespace simbroker::server091 {
namespace {

constexpr std::size_t line_length = 80;

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

ErlangTerm ErlangTerm::binary(std::string_view text) {
    return ErlangTerm(
        erlang_text_or_octets({reinterpret_cast<const codec::wire::Byte*>(text.data()), text.size()}), {}
    );
}

ErlangTerm ErlangTerm::tuple(std::vector<ErlangTerm> items) {
    std::string flat = "{";
    for (const auto& item : items) flat += (flat.size() > 1 ? "," : "") + item.flat_;
    return ErlangTerm(flat + "}", std::move(items));
}

// io_lib_pretty aligns a tuple's items behind its tag where there is room, else indents them by 4, else by 1.
std::string ErlangTerm::pretty(std::size_t column) const {
    if (items_.empty() || fits(column, 0)) return flat_;
    std::string out;
    print(out, column, can_indent(column, 4, 0) ? 4 : 1, 0);
    return out;
}

bool ErlangTerm::fits(std::size_t column, std::size_t closing) const {
    return column + flat_.size() + closing < line_length;
}

// Items that are indented begin in the left half of the line, or the indentation is no good.
bool ErlangTerm::can_indent(std::size_t column, std::size_t indent, std::size_t closing) const {
    if (fits(column, closing)) return true;
    if (items_.empty() || column + indent > line_length / 2) return false;
    return std::ranges::all_of(items_ | std::views::drop(1), [&](const ErlangTerm& item) {
        return item.can_indent(column + indent, indent, &item == &items_.back() ? closing + 1 : 1);
    });
}

void ErlangTerm::print(std::string& out, std::size_t column, std::size_t indent, std::size_t closing) const {
    if (items_.empty() || fits(column, closing)) {
        out += flat_;
        return;
    }
    out += '{' + items_.front().flat_;
    auto at = column + 1 + items_.front().flat_.size();
    for (std::size_t i = 1; i < items_.size(); ++i) {
        const auto& item = items_[i];
        const auto closing_here = i + 1 == items_.size() ? closing + 1 : 0;
        out += ',';
        if (item.fits(at + 1, closing_here)) {
            out += item.flat_;
            at += 1 + item.flat_.size();
        } else {
            out += '\n' + std::string(column + indent, ' ');
            item.print(out, column + indent, indent, closing_here);
            at = line_length;
        }
    }
    out += '}';
}

}  // namespace simbroker::server091
