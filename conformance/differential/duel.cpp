#include "conformance/differential/duel.hpp"

#include "simbroker/fault/duration.hpp"

namespace conformance::differential {

using dialogue::Act;
using dialogue::Dialogue;
using dialogue::Verb;
using nlohmann::json;

namespace {

std::expected<std::string, std::string> ask(const Side& side, const Dialogue& dialogue) {
    const auto stage = side.make_stage();
    if (!stage) return std::unexpected(stage.error());
    auto answer = dialogue::play(**stage, dialogue);
    if (side.kind == Side::Kind::shared) dialogue::clean_up(**stage, dialogue);
    return answer;
}

}  // namespace

Verdict duel(const Side& first, const Side& second, const Dialogue& dialogue) {
    const auto one = ask(first, dialogue);
    if (!one) return {Verdict::Kind::trouble, first.name + ": " + one.error(), ""};
    const auto other = ask(second, dialogue);
    if (!other) return {Verdict::Kind::trouble, "", second.name + ": " + other.error()};
    return {*one == *other ? Verdict::Kind::same : Verdict::Kind::different, *one, *other};
}

Dialogue patient(const Dialogue& dialogue, simbroker::Duration quiet) {
    Dialogue slow = dialogue;
    slow.acts.clear();
    const Act settle{Verb::settle, json::object(), 1, json{{"quiet", simbroker::fault::duration_to_text(quiet)}}};
    for (const auto& act : dialogue.acts) {
        if (act.verb == Verb::settle) continue;
        slow.acts.push_back(act);
        if (act.verb != Verb::connect) slow.acts.push_back(settle);
    }
    return slow;
}

}  // namespace conformance::differential
