#include "conformance/catalogue/closest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace conformance::catalogue {

namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Letters left out, put in, mistaken, or in the wrong order (Damerau and Levenshtein, neighbours only). Capitals are
// as good as small letters.
std::size_t slips(std::string_view one, std::string_view other) {
    const auto width = other.size() + 1;
    std::vector<std::size_t> table((one.size() + 1) * width);
    const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
    for (std::size_t i = 0; i <= one.size(); ++i) {
        for (std::size_t j = 0; j <= other.size(); ++j) {
            if (i == 0 || j == 0) {
                at(i, j) = i + j;
                continue;
            }
            const auto a = lower(one[i - 1]);
            const auto b = lower(other[j - 1]);
            at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a == b ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && a == lower(other[j - 2]) && b == lower(one[i - 2]);
            if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
        }
    }
    return table.back();
}

}  // namespace

std::optional<std::string> closest(std::string_view typed, const std::vector<std::string>& known) {
    auto fewest = std::max<std::size_t>(1, typed.size() / 3);
    std::optional<std::string> found;
    for (const auto& word : known) {
        const auto count = slips(typed, word);
        if (count > fewest || (found && count == fewest)) continue;
        fewest = count;
        found = word;
    }
    return found;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
    const auto word = closest(typed, known);
    return word ? fmt::format("; did you mean '{}'?", *word) : std::string();
}

}  // namespace conformance::catalogue
