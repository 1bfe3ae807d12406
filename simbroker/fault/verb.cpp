#include "simbroker/fault/verb.hpp"

#include <algorithm>

namespace simbroker::fault {

std::vector<Verb> all_verbs() {
    std::vector<Verb> all;
    for (const auto rows : {speech_verbs(), outage_verbs()}) all.insert(all.end(), rows.begin(), rows.end());
    return all;
}

const Verb* find_verb(std::string_view name) {
    for (const auto rows : {speech_verbs(), outage_verbs()}) {
        const auto found = std::ranges::find(rows, name, &Verb::name);
        if (found != rows.end()) return &*found;
    }
    return nullptr;
}

}  // namespace simbroker::fault
