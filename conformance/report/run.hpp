// What all reports tell of: one run against one peer.
#pragma once

#include <span>
#include <string>

#include "conformance/catalogue/requirements.hpp"
#include "conformance/runner/verdict.hpp"

namespace conformance::report {

struct Run {
    std::string peer;     // "broker RabbitMQ 3.10.8 at amqp://127.0.0.1:5672", "client pika 1.2.0"
    std::string command;  // that repeats the run; " --select ID" after it repeats one scenario
    std::span<const runner::Result> results;
    catalogue::Role role{};
    std::string product{};  // the peer's own word for itself
    std::string version{};
    const catalogue::Requirements* requirements = nullptr;  // what the clauses of the scenarios say
};

std::string repeat_command(const std::string& command, const std::string& id);

}  // namespace conformance::report
