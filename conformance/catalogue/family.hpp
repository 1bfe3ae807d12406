// What a scenario is about, in one word, for --family and the reports: a kind of defect that clients are known for, a
// class of the protocol, or the subject of its file. The first it has to name in its field `families`; the others are
// known without a word.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/catalogue/scenario.hpp"

namespace conformance::catalogue {

struct Family {
    std::string_view name;
    std::string_view about;
};

// The closed list of those that the field `families` may name.
std::span<const Family> known_families();

// Those it names, in their order, then the classes of the protocol that its clauses and its id name, then its file:
// HB, connection, heartbeats.
std::vector<std::string> families_of(const Scenario&);

}  // namespace conformance::catalogue
