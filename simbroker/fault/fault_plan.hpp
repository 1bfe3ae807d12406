// An ordered list of rules with their memory: how often each has matched. The first rule that fires on a frame decides.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "simbroker/fault/fault.hpp"

namespace simbroker::fault {

struct Rule {
    Trigger when;
    Fault act;
};

// {"when": {"to": "client", "method": "basic.ack", "nth": 1}, "do": "drop"}: scenarios/README.md describes all of it.
// An error is a sentence that names what is wrong and what may stand there.
std::expected<Rule, std::string> rule_from_json(const nlohmann::json&);

class FaultPlan {
public:
    FaultPlan() = default;
    explicit FaultPlan(std::vector<Rule> rules) {
        for (auto& rule : rules) add(std::move(rule));
    }

    void add(Rule rule) { rules_.push_back({std::move(rule), 0}); }
    void clear() { rules_.clear(); }

    // What shall happen to this frame, if anything. Every rule it matches counts it, whichever decides.
    const Fault* decide(ConnectionId, Toward, const Unit&);

private:
    struct Entry {
        Rule rule;
        std::uint64_t matched;
    };
    std::vector<Entry> rules_;
};

}  // namespace simbroker::fault
