#include "conformance/differential/generator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "conformance/differential/operations.hpp"

namespace conformance::differential {

namespace {

using dialogue::Act;
using dialogue::Dialogue;
using dialogue::Verb;
using nlohmann::json;

constexpr std::pair<unsigned, std::uint16_t> places[] = {{1, 1}, {1, 1}, {1, 2}, {2, 1}};

Act connect(unsigned line, json options) { return {Verb::connect, std::move(options), line, json::object()}; }

// What may follow an operation without waiting. A broker of many processes answers the same then only if it is more of
// the same: publishes, gets, settlements, declarations. One sequence in twenty hurries nevertheless.
enum class Style : std::uint8_t { steady, hurried };

Act settle() { return {Verb::settle, json::object(), 1, json::object()}; }

void settle_once(std::vector<Act>& acts) {
    if (acts.back().verb != Verb::settle) acts.push_back(settle());
}

// Most of what the operations name is there at the beginning.
void declare(const Site& site, Chance& chance, std::vector<Act>& acts) {
    const auto send = [&](const char* method, const json& fields) {
        if (!chance.one_in(5)) acts.push_back({Verb::send, json{{method, fields}}, 1, json::object()});
    };
    for (const auto& fields : site.exchange_declares) send("exchange.declare", fields);
    for (const auto& fields : site.queue_declares) send("queue.declare", fields);
    acts.push_back(settle());
    for (const auto& queue : site.queues) {
        send("queue.bind", {{"queue", queue}, {"exchange", chance.of(site.exchanges)}, {"routing_key", "k"}});
    }
    acts.push_back(settle());
}

Site site_of(const std::string& prefix, Chance& chance) {
    Site site;
    for (const auto* name : {"q0", "q1", "q2"}) site.queues.push_back(prefix + name);
    for (const auto* name : {"x0", "x1"}) site.exchanges.push_back(prefix + name);
    for (const auto& name : site.queues) site.queue_declares.push_back(usual_queue(site, name, chance));
    site.dead_letters = std::ranges::any_of(site.queue_declares, [](const json& declare) {
        return declare.at("arguments").contains("x-dead-letter-exchange");
    });
    for (const auto& name : site.exchanges) site.exchange_declares.push_back(usual_exchange(site, name, chance));
    return site;
}

bool may_follow_itself(const Operation& operation, const Site& site) {
    return operation.more == More::at_once ||
           (operation.more == More::at_once_unless_dead_lettered && !site.dead_letters);
}

const Operation& draw(Chance& chance) {
    static const auto total = [] {
        const auto rows = operations();
        return std::accumulate(rows.begin(), rows.end(), 0U, [](unsigned sum, const auto& row) {
            return sum + row.weight;
        });
    }();
    auto left = chance.below(total);
    for (const auto& row : operations()) {
        if (left < row.weight) return row;
        left -= row.weight;
    }
    return operations().back();
}

// Which every version takes; so that bodies come in pieces.
constexpr unsigned smallest_frame_max = 8192;

}  // namespace

Dialogue make_sequence(const SequenceOptions& options) {
    const auto id = fmt::format("diff.{}.{}", options.seed, options.number);
    Chance chance(simbroker::Prng::fork(options.seed, id));
    auto site = site_of(id + ".", chance);
    Dialogue dialogue{.id = id};
    dialogue.acts = {
        connect(1, {{"channels", json::array({1U, 2U})}}),
        connect(2, {{"channels", json::array({1U})}, {"frame_max", smallest_frame_max}}),
    };
    declare(site, chance, dialogue.acts);
    const auto style = chance.one_in(20) ? Style::hurried : Style::steady;
    const Operation* last = nullptr;
    for (std::size_t i = 0; i < options.operations; ++i) {
        const bool more = last != nullptr && may_follow_itself(*last, site);
        const auto& operation = more && chance.one_in(2) ? *last : draw(chance);
        const bool follows = style == Style::hurried ? chance.one_in(2) && operation.effect != Effect::disruptive
                                                     : more && last == &operation;
        if (!follows) {
            settle_once(dialogue.acts);
            std::tie(site.line, site.channel) = places[chance.below(std::size(places))];
        }
        dialogue.acts.push_back(operation.make(site, chance));
        if (operation.effect != Effect::ordinary) settle_once(dialogue.acts);
        last = operation.effect == Effect::ordinary ? &operation : nullptr;
    }
    settle_once(dialogue.acts);
    return dialogue;
}

}  // namespace conformance::differential
