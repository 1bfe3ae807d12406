// What all reports tell of: one run against one peer.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "conformance/catalogue/requirements.hpp"
#include "conformance/runner/verdict.hpp"

namespace conformance::report {

struct Run {
    std::string peer;     // "broker RabbitMQ 3.10.8 at amqp://127.0.0.1:5672", "client pika 1.2.0"
    std::string command;  // that repeats the run
    std::span<const runner::Result> results;
    catalogue::Role role{};
    std::string product{};  // the peer's own word for itself
    std::string version{};
    const catalogue::Requirements* requirements = nullptr;  // what the clauses of the scenarios say
    std::chrono::duration<double> took{};                   // by the wall clock
};

// The command with these options, which do not belong to what follows --, the command of a shim.
std::string with_options(const std::string& command, const std::string& options);

// Repeats one scenario, and leaves a trace of it where there is a simulated broker to leave one.
std::string repeat_command(const std::string& command, const runner::Result&);

}  // namespace conformance::report
