#include "conformance/differential/duel.hpp"

#include <set>

#include "simbroker/fault/duration.hpp"

namespace conformance::differential {

using dialogue::Act;
using dialogue::Dialogue;
using dialogue::Verb;
using nlohmann::json;

namespace {

std::expected<std::string, std::string> ask(const Side& side, const Dialogue& dialogue) {
    auto stage = side.make_stage();
    if (!stage) return std::unexpected(stage.error());
    auto answer = dialogue::play(**stage, dialogue);
    if (side.kind != Side::Kind::shared) return answer;
    stage = side.make_stage();  // the dialogue's connections end, and with them what is exclusive to them
    if (stage) dialogue::clean_up(**stage, dialogue);
    return answer;
}

}  // namespace

Verdict duel(const Side& first, const Side& second, const Dialogue& dialogue) {
    const auto one = ask(first, dialogue);
    if (!one) return {Verdict::Kind::trouble, first.name + ": " + one.error(), ""};
    const auto other = ask(second, dialogue);
    if (!other) return {Verdict::Kind::trouble, "", second.name + ": " + other.error()};
    for (const auto& answer : {*one, *other}) {
        if (answer.ends_with(dialogue::no_connection)) return {Verdict::Kind::trouble, *one, "; " + *other};
    }
    return {*one == *other ? Verdict::Kind::same : Verdict::Kind::different, *one, *other};
}

Rehearsal rehearse(const Side& first, const Side& second, const Dialogue& dialogue) {
    constexpr int times = 5;
    std::set<std::string> answers;
    std::set<std::string> others;
    for (int i = 0; i < times; ++i) {
        const auto verdict = duel(first, second, dialogue);
        if (verdict.kind == Verdict::Kind::same) return Rehearsal::alike_at_times;
        if (verdict.kind == Verdict::Kind::trouble) break;
        answers.insert(verdict.first);
        others.insert(verdict.second);
        if (answers.contains(verdict.second) || others.contains(verdict.first)) return Rehearsal::alike_at_times;
    }
    return Rehearsal::always_different;
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
