#include "simbroker/fault/verb.hpp"

#include <algorithm>
#include <array>

namespace simbroker::fault {

namespace {

std::array<std::span<const Verb>, 4> families() {
    return {speech_verbs(), outage_verbs(), wire_verbs(), broker_verbs()};
}

}  // namespace

std::vector<Verb> all_verbs() {
    std::vector<Verb> all;
    for (const auto rows : families()) all.insert(all.end(), rows.begin(), rows.end());
    return all;
}

const Verb* find_verb(std::string_view name) {
    for (const auto rows : families()) {
        const auto found = std::ranges::find(rows, name, &Verb::name);
        if (found != rows.end()) return &*found;
    }
    return nullptr;
}

}  // namespace simbroker::fault
