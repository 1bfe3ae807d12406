// A rule: when to act, and what to do. README.md tells how one is written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "simbroker/fault/fault.hpp"
#include "simbroker/fault/reading.hpp"

namespace simbroker::fault {

struct Rule {
    std::string id{};  // empty: the plan gives it one
    std::variant<Trigger, Occasion> when;
    Fault act;
    std::string verb{};     // what it does, in one word
    nlohmann::json text{};  // as it was written
};

// {"when": {"to": "client", "method": "basic.ack", "nth": 1}, "do": "drop"}
Read<Rule> rule_from_json(const nlohmann::json&);
Read<Rule> rule_from_text(std::string_view json);

}  // namespace simbroker::fault
