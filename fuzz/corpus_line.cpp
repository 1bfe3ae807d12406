#include "fuzz/corpus_line.hpp"

#include <algorithm>

#include "codec/wire/hex.hpp"

namespace fuzz {

namespace {

using codec::wire::Byte;
using codec::wire::Bytes;
using codec::wire::BytesView;

constexpr std::string_view blanks = " \t";

// What is escaped, and what for.
constexpr std::pair<char, char> escapes[] = {{'n', '\n'}, {'t', '\t'}, {'"', '"'}, {'\\', '\\'}};

bool is_plain(Byte octet) { return octet >= ' ' && octet < 0x7f; }

bool is_text(Byte octet) {
    return is_plain(octet) || std::ranges::any_of(escapes, [&](const auto& each) { return each.second == octet; });
}

// Takes the text in quotes that `rest` begins with.
bool take_text(std::string_view& rest, Bytes& into) {
    for (std::size_t at = 1; at < rest.size(); ++at) {
        auto c = rest[at];
        if (c == '"') {
            rest.remove_prefix(at + 1);
            return true;
        }
        if (c == '\\') {
            const auto letter = ++at < rest.size() ? rest[at] : '\0';
            const auto* known = std::ranges::find(escapes, letter, &std::pair<char, char>::first);
            if (known == std::end(escapes)) return false;
            c = known->second;
        }
        into.push_back(static_cast<Byte>(c));
    }
    return false;
}

std::string in_quotes(BytesView text) {
    std::string quoted = "\"";
    for (const auto octet : text) {
        const auto* escape = std::ranges::find(escapes, static_cast<char>(octet), &std::pair<char, char>::second);
        if (escape == std::end(escapes)) {
            quoted += static_cast<char>(octet);
        } else {
            quoted += {'\\', escape->first};
        }
    }
    return quoted + "\"";
}

}  // namespace

std::expected<Entry, std::string> entry_of(std::string_view line) {
    Entry entry;
    const auto start = line.find_first_not_of(blanks);
    if (start == std::string_view::npos || line[start] == '#') return entry;
    auto rest = line.substr(start);
    entry.name = rest.substr(0, rest.find_first_of(blanks));
    rest.remove_prefix(entry.name.size());
    while (true) {
        rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
        if (rest.empty() || rest.front() == '#') return entry;
        if (rest.front() == '"') {
            if (!take_text(rest, entry.octets)) return std::unexpected("text that ends with a quotation mark");
            continue;
        }
        const auto word = rest.substr(0, rest.find_first_of(" \t\"#"));
        const auto octets = codec::wire::from_hex(word);
        if (!octets || word.empty())
            return std::unexpected("a name, and pairs of hexadecimal digits or text in quotes");
        entry.octets.insert(entry.octets.end(), octets->begin(), octets->end());
        rest.remove_prefix(word.size());
    }
}

std::string to_text(BytesView octets) {
    const auto texts = static_cast<std::size_t>(std::ranges::count_if(octets, is_text));
    if (texts * 4 < octets.size() * 3 || octets.empty()) return codec::wire::to_hex(octets);
    std::string text;
    while (!octets.empty()) {
        const bool textual = is_text(octets.front());
        std::size_t size = 1;
        while (size < octets.size() && is_text(octets[size]) == textual) ++size;
        const auto piece = octets.first(size);
        text += (text.empty() ? "" : " ") + (textual ? in_quotes(piece) : codec::wire::to_hex(piece));
        octets = octets.subspan(size);
    }
    return text;
}

}  // namespace fuzz
