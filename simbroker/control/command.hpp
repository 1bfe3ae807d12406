// One command of an operator's: the words rabbitmqctl takes, and the text and exit status it gives.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simbroker/core/input.hpp"
#include "simbroker/core/output.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::control {

// What is said to an operation, or about a fault.
struct Answer {
    std::optional<std::string> refusal{};
    std::vector<std::string> rows{};    // of operation::List, JSON objects
    std::optional<std::string> rule{};  // the id of the fault that was added

    void hear(const Event& event) {
        using Kind = Event::Kind;
        if (event.kind == Kind::operation_refused || event.kind == Kind::fault_refused) refusal = event.detail;
        if (event.kind == Kind::listed) rows.push_back(event.detail);
        if (event.kind == Kind::fault_added) rule = event.subject;
    }
};

// How a command reaches a broker.
struct Hands {
    std::function<Answer(const Input&)> ask;
    std::function<std::vector<fault::RuleStatus>()> faults;

    Answer operate(Operation operation) const { return ask(Operate{std::move(operation)}); }
    void inject(const Input& input) const { ask(input); }
};

struct Reply {
    int status = 0;  // 0 done, 64 wrong words, 69 refused
    std::string text{};
};

Reply run(std::span<const std::string> words, const Hands& hands);

}  // namespace simbroker::control
