// One command of an operator's: the words rabbitmqctl takes, and the text and exit status it gives.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simbroker/core/input.hpp"

namespace simbroker::control {

// What a broker says to an operation.
struct Answer {
    std::optional<std::string> refusal{};
    std::vector<std::string> rows{};  // of operation::List, JSON objects
};

// How a command reaches a broker.
struct Hands {
    std::function<Answer(const Operation&)> operate;
    std::function<void(const Input&)> inject;
};

struct Reply {
    int status = 0;  // 0 done, 64 wrong words, 69 refused
    std::string text{};
};

Reply run(std::span<const std::string> words, const Hands& hands);

}  // namespace simbroker::control
