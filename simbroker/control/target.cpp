#include "simbroker/control/target.hpp"

#include <algorithm>
#include <charconv>

namespace simbroker::control {

namespace {

enum class Plus : std::uint8_t { is_a_plus, is_a_blank };

std::optional<std::string> decoded(std::string_view text, Plus plus) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_a_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            unsigned octet = 0;
            const auto digits = text.substr(i + 1, 2);
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
            if (digits.size() < 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
            out += static_cast<char>(octet);
            i += 2;
        }
    }
    return out;
}

// The part before the separator; `rest` is what comes behind it.
std::string_view take_part(std::string_view& rest, char separator) {
    const auto end = std::min(rest.find(separator), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
    auto query = target;
    Target parsed{.path = std::string(take_part(query, '?'))};
    while (!query.empty()) {
        auto pair = take_part(query, '&');
        const auto name = decoded(take_part(pair, '='), Plus::is_a_blank);
        const auto value = decoded(pair, Plus::is_a_blank);
        if (!name || !value) return std::nullopt;
        parsed.query.emplace_back(*name, *value);
    }
    return parsed;
}

std::optional<Match> match_path(std::string_view pattern, std::string_view path) {
    Match match;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_part(pattern, '/');
        const auto given = take_part(path, '/');
        if (!wanted.starts_with('{')) {
            if (wanted != given) return std::nullopt;
            continue;
        }
        const auto value = decoded(given, Plus::is_a_plus);
        if (!value || value->empty()) return std::nullopt;
        match.variables.emplace_back(wanted.substr(1, wanted.size() - 2), *value);
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return match;
}

}  // namespace simbroker::control
