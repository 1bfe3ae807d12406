#include "conformance/catalogue/family.hpp"

#include <algorithm>
#include <filesystem>

namespace conformance::catalogue {

namespace {

constexpr Family families[] = {
    {"HS", "handshake and negotiation"},
    {"FR", "frames: hostile or unusual octets"},
    {"TB", "field tables, properties, strings"},
    {"CA", "contents put together, frames given to who waits for them"},
    {"WR", "the wire: writes cut, put together, broken off"},
    {"CL", "channels and calls, and what closes them"},
    {"PC", "publisher confirms and returns"},
    {"CO", "consumers, their cancellation, their window"},
    {"HB", "heartbeats and peers that fell silent"},
    {"BL", "blocked connections"},
    {"RC", "recovery after a lost connection"},
};

constexpr std::string_view classes[] = {
    "connection", "channel", "access", "exchange", "queue", "basic", "tx", "confirm"
};

// The class in 091/basic.ack.multiple, in basic.ack and in client.confirm.nacked.
void add_class(std::vector<std::string>& names, std::string_view id) {
    for (const std::string_view prefix : {"091/doc-", "091/", "client."}) {
        if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
    }
    const auto word = id.substr(0, id.find_first_of(".-["));
    if (std::ranges::find(classes, word) == std::end(classes)) return;
    if (std::ranges::find(names, word) == names.end()) names.emplace_back(word);
}

}  // namespace

std::span<const Family> known_families() { return families; }

std::vector<std::string> families_of(const Scenario& scenario) {
    auto names = scenario.families;
    for (const auto& clause : scenario.clauses) add_class(names, clause);
    add_class(names, scenario.id);
    auto file = std::filesystem::path(scenario.at.file).stem().string();
    std::ranges::replace(file, '_', '-');
    if (std::ranges::find(names, file) == names.end()) names.push_back(file);
    return names;
}

}  // namespace conformance::catalogue
