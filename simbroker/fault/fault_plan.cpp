#include "simbroker/fault/fault_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace simbroker::fault {

using codec::amqp091::ChannelNumber;

bool FaultPlan::Entry::is_spent() const {
    if (const auto* when = trigger()) {
        return (when->times && fired >= *when->times) || (when->nth && matched >= *when->nth);
    }
    return occasion()->times && fired >= *occasion()->times;
}

// It has matched; whether it acts.
bool FaultPlan::Entry::fires() {
    const auto& when = *trigger();
    if (when.probability && chance.below(Trigger::certain) >= *when.probability) return false;
    if (when.nth && matched != *when.nth) return false;
    if (when.every && matched % *when.every != 0) return false;
    return !when.times || fired < *when.times;
}

Firing FaultPlan::Entry::fire() { return {rule.id, rule.verb, rule.act, ++fired}; }

void FaultPlan::Entry::prompt(Instant due, const Event* event) {
    Prompt prompt{.due = due};
    if (event != nullptr && event->connection.value != 0) prompt.connection = event->connection;
    if (event != nullptr && event->channel != 0) prompt.channel = ChannelNumber{event->channel};
    prompts.push_back(prompt);
}

std::expected<std::string, std::string> FaultPlan::add(Rule rule, Instant now) {
    const auto taken = [this](std::string_view id) {
        return std::ranges::any_of(entries_, [id](const Entry& entry) { return entry.rule.id == id; });
    };
    if (rule.id.empty()) {
        do rule.id = fmt::format("fault-{}", ++added_);
        while (taken(rule.id));
    }
    if (taken(rule.id)) return std::unexpected(fmt::format("there is a rule with the id '{}' already", rule.id));
    // A draw for one rule moves none of another.
    const auto chance = Prng::fork(seed_, "faults " + rule.id);
    Entry entry{.rule = std::move(rule), .chance = chance};
    if (const auto* trigger = entry.trigger()) {
        entry.begun = !trigger->after;
    } else if (const auto* occasion = entry.occasion(); !occasion->after) {
        entry.prompt(occasion->at ? std::max(*occasion->at, now) : now + occasion->in, nullptr);
    }
    entries_.push_back(std::move(entry));
    return entries_.back().rule.id;
}

bool FaultPlan::remove(std::string_view id) {
    return std::erase_if(entries_, [id](const Entry& entry) { return entry.rule.id == id; }) > 0;
}

std::vector<std::string> FaultPlan::clear() {
    std::vector<std::string> ids;
    for (const auto& entry : entries_) ids.push_back(entry.rule.id);
    entries_.clear();
    return ids;
}

std::optional<Firing> FaultPlan::decide(const Passage& passage) {
    std::optional<Firing> decided;
    for (auto& entry : entries_) {
        if (!entry.begun || entry.trigger() == nullptr || !entry.trigger()->matches(passage)) continue;
        ++entry.matched;
        if (entry.fires() && !decided) decided = entry.fire();
    }
    return decided;
}

void FaultPlan::learn(const Event& event, Instant now) {
    for (auto& entry : entries_) {
        const auto* trigger = entry.trigger();
        const auto* occasion = entry.occasion();
        const auto& after = trigger ? trigger->after : occasion->after;
        if (!after || !after->is(event)) continue;
        entry.begun = true;
        const bool enough = occasion && occasion->times && entry.fired + entry.prompts.size() >= *occasion->times;
        if (occasion && !enough) entry.prompt(now + occasion->in, &event);
    }
}

std::optional<Instant> FaultPlan::next_prompt() const {
    std::optional<Instant> next;
    for (const auto& entry : entries_) {
        for (const auto& prompt : entry.prompts) next = next ? std::min(*next, prompt.due) : prompt.due;
    }
    return next;
}

std::vector<Prompted> FaultPlan::take_prompted(Instant now) {
    std::vector<Prompted> all;
    for (auto& entry : entries_) {
        if (entry.occasion() == nullptr) continue;
        for (auto& prompt : entry.prompts) {
            if (prompt.due > now || entry.is_spent()) continue;
            auto here = *entry.occasion();
            if (!here.connection) {
                here.connection = prompt.connection;
                if (!here.channel) here.channel = prompt.channel;
            }
            all.push_back({entry.fire(), std::move(here)});
            // What was missed is not made up for: a clock that jumps brings no flood.
            if (here.every) prompt.due = std::max(prompt.due + *here.every, now + Duration(1));
        }
        const bool again = entry.occasion()->every.has_value();
        std::erase_if(entry.prompts, [&](const Prompt& prompt) {
            return entry.is_spent() || (prompt.due <= now && !again);
        });
    }
    return all;
}

bool FaultPlan::asks_for_frames() const {
    return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.trigger() && !entry.is_spent(); });
}

bool FaultPlan::asks_for_queues() const {
    return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.trigger() && entry.trigger()->queue; });
}

std::vector<RuleStatus> FaultPlan::list() const {
    std::vector<RuleStatus> all;
    for (const auto& entry : entries_) {
        auto rule = entry.rule.text;
        if (rule.is_object()) rule["id"] = entry.rule.id;
        all.push_back({entry.rule.id, std::move(rule), entry.matched, entry.fired, entry.is_spent()});
    }
    return all;
}

}  // namespace simbroker::fault
