#include "conformance/fuzz/save.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "codec/wire/hex.hpp"
#include "conformance/peer/item_reader.hpp"

namespace conformance::fuzz {

using catalogue::Scenario;
using nlohmann::json;

namespace {

constexpr std::size_t longest_comment = 100;

// What the octets say, if they are frames.
std::string comment_on(const json& argument) {
    if (!argument.is_object() || !argument.contains("hex")) return {};
    const auto octets = codec::wire::from_hex(argument.at("hex").get<std::string>());
    if (!octets) return {};
    peer::ItemReader reader;
    std::string text;
    for (const auto& item : reader.feed(*octets)) text += (text.empty() ? "" : "; ") + peer::describe(item);
    std::ranges::replace_if(text, [](unsigned char c) { return c < ' ' || c > '~'; }, '?');
    if (text.empty()) text = "no whole frame";
    if (text.size() > longest_comment) text = text.substr(0, longest_comment) + "...";
    return "  # " + text;
}

}  // namespace

std::string to_yaml(const Scenario& scenario) {
    auto text = fmt::format(
        "id: {}\nunder_test: {}\nlevel: {}\n", scenario.id, to_string(scenario.under_test), to_string(scenario.level)
    );
    if (!scenario.title.empty()) text += "title: " + json(scenario.title).dump() + "\n";
    text += "notes: " + json(scenario.notes).dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
    if (scenario.leftovers == catalogue::Leftovers::allowed) text += "leftovers: allowed\n";
    if (scenario.connection != json::object()) text += "connection: " + scenario.connection.dump() + "\n";
    const auto& cleanup = scenario.cleanup;
    if (!cleanup.queues.empty() || !cleanup.exchanges.empty()) {
        text += fmt::format(
            "cleanup: {{queues: {}, exchanges: {}}}\n", json(cleanup.queues).dump(), json(cleanup.exchanges).dump()
        );
    }
    text += "steps:\n";
    for (const auto& step : scenario.steps) {
        text += fmt::format("  - {}: {}{}\n", step.verb, step.argument.dump(), comment_on(step.argument));
        for (const auto& [key, value] : step.modifiers.items()) text += fmt::format("    {}: {}\n", key, value.dump());
    }
    return text;
}

}  // namespace conformance::fuzz
