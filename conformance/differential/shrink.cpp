#include "conformance/differential/shrink.hpp"

#include <algorithm>

namespace conformance::differential {

namespace {

using dialogue::Act;
using dialogue::Dialogue;
using dialogue::Verb;
using nlohmann::json;

using Acts = std::vector<Act>;

// An act and the settles that follow it go together.
std::vector<Acts> groups_of(const Acts& acts) {
    std::vector<Acts> groups;
    for (const auto& act : acts) {
        if (groups.empty() || act.verb != Verb::settle) groups.emplace_back();
        groups.back().push_back(act);
    }
    return groups;
}

Acts joined(const std::vector<Acts>& groups) {
    Acts acts;
    for (const auto& group : groups) acts.insert(acts.end(), group.begin(), group.end());
    return acts;
}

class Shrinker {
public:
    Shrinker(Dialogue dialogue, const StillDiffers& still_differs, std::size_t most_trials)
        : best_(std::move(dialogue)), still_differs_(still_differs), left_(most_trials) {}

    Dialogue run() {
        leave_out_acts();
        simplify();
        move();
        leave_out_acts();
        return std::move(best_);
    }

private:
    bool take_if_different(Acts acts) {
        if (left_ == 0) return false;
        --left_;
        Dialogue candidate = best_;
        candidate.acts = std::move(acts);
        if (!still_differs_(candidate)) return false;
        best_ = std::move(candidate);
        return true;
    }

    bool needed(const std::vector<Acts>& groups, std::size_t at) const {
        if (groups[at].front().verb != Verb::connect) return false;
        return std::ranges::any_of(best_.acts, [&](const Act& act) {
            return act.verb != Verb::connect && act.verb != Verb::settle && act.line == groups[at].front().line;
        });
    }

    void leave_out_acts() {
        auto size = std::max<std::size_t>(groups_of(best_.acts).size() / 2, 1);
        while (true) {
            // From the end: what came before the difference stays as it was.
            auto groups = groups_of(best_.acts);
            for (std::size_t end = groups.size(); end > 0;) {
                const auto begin = end - std::min(size, end);
                std::vector<Acts> rest;
                for (std::size_t i = 0; i < groups.size(); ++i) {
                    if (i < begin || i >= end || needed(groups, i)) rest.push_back(groups[i]);
                }
                if (rest.size() < groups.size() && take_if_different(joined(rest))) groups = groups_of(best_.acts);
                end = std::min(begin, groups.size());
            }
            if (size == 1) return;
            size /= 2;
        }
    }

    // To the first connection and channel, act by act.
    void move() {
        for (std::size_t i = 0; i < best_.acts.size(); ++i) {
            if (best_.acts[i].verb == Verb::connect || best_.acts[i].verb == Verb::settle) continue;
            auto acts = best_.acts;
            acts[i].line = 1;
            if (acts[i].modifiers.is_object()) acts[i].modifiers.erase("channel");
            if (acts != best_.acts) take_if_different(std::move(acts));
        }
    }

    void simplify() {
        for (std::size_t i = 0; i < best_.acts.size(); ++i) {
            if (best_.acts[i].verb != Verb::send || !best_.acts[i].argument.is_object()) continue;
            leave_out_members(i, json::json_pointer());
            if (best_.acts[i].modifiers.contains("split")) {
                auto acts = best_.acts;
                acts[i].modifiers.erase("split");
                take_if_different(std::move(acts));
            }
        }
    }

    // The members below this place of the act's argument, one by one, and then theirs.
    void leave_out_members(std::size_t at, const json::json_pointer& place) {
        std::vector<std::string> names;
        for (const auto& [name, value] : best_.acts[at].argument.at(place).items()) names.push_back(name);
        for (const auto& name : names) {
            auto acts = best_.acts;
            acts[at].argument.at(place).erase(name);
            const bool method = place.empty() && name.contains('.');
            if (!method && take_if_different(std::move(acts))) continue;
            if (best_.acts[at].argument.at(place / name).is_object()) leave_out_members(at, place / name);
        }
    }

    Dialogue best_;
    const StillDiffers& still_differs_;
    std::size_t left_;
};

}  // namespace

Dialogue shrink(Dialogue dialogue, const StillDiffers& still_differs, std::size_t most_trials) {
    return Shrinker(std::move(dialogue), still_differs, most_trials).run();
}

}  // namespace conformance::differential
