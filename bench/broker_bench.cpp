// Measures a broker from outside, and simbroker in virtual time. One result a line, for people and for script/bench.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <expected>
#include <string>

#include "bench/connections.hpp"
#include "bench/idle_simulation.hpp"
#include "bench/load.hpp"
#include "bench/simulated_load.hpp"
#include "bench/startup.hpp"

namespace {

int failed(const std::string& why) {
    fmt::print(stderr, "broker_bench: {}\n", why);
    return 1;
}

int load(const bench::LoadOptions& options) {
    const auto result = bench::run_load(options);
    if (!result) return failed(result.error());
    fmt::print("messages_per_second {:.0f} seconds {:.3f}\n", result->messages_per_second, result->seconds);
    return 0;
}

int startup(const std::string& program) {
    const auto result = bench::start_and_measure(program);
    if (!result) return failed(result.error());
    fmt::print("milliseconds {:.2f} megabytes {:.2f}\n", result->milliseconds, result->megabytes);
    return 0;
}

int idle_days(const bench::IdleOptions& options) {
    const auto result = bench::idle(options);
    if (!result) return failed(result.error());
    fmt::print("seconds {:.3f} heartbeats {}\n", result->seconds, result->heartbeats);
    return 0;
}

int simulated(const bench::SimulatedLoad& load) {
    const auto seconds = bench::run_simulated(load);
    if (!seconds) return failed(seconds.error());
    fmt::print("messages_per_second {:.0f} seconds {:.3f}\n", static_cast<double>(load.messages) / *seconds, *seconds);
    return 0;
}

int connections(const std::string& program, const bench::ManyOptions& options) {
    const auto result = bench::keep_many(program, options);
    if (!result) return failed(result.error());
    fmt::print(
        "kilobytes_each {:.2f} longest_silence {:.3f} heartbeats {}\n",
        result->kilobytes_each,
        result->longest_silence,
        result->heartbeats
    );
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures an AMQP broker", "broker_bench");
    app.require_subcommand(1);

    bench::LoadOptions options;
    auto* load_command = app.add_subcommand("load", "One producer, one consumer, over TCP");
    load_command->add_option("--host", options.host)->capture_default_str();
    load_command->add_option("--port", options.port)->capture_default_str();
    load_command->add_option("--messages", options.messages)->capture_default_str();
    load_command->add_option("--body", options.body, "Octets of a message")->capture_default_str();
    load_command->add_option("--batch", options.batch, "Octets the producer writes at a time")->capture_default_str();

    std::string program;
    auto* startup_command = app.add_subcommand("startup", "Time to ready, and memory when idle, of simbroker serve");
    startup_command->add_option("program", program)->required();

    bench::IdleOptions idle_options;
    auto* idle_command = app.add_subcommand("idle", "Connections with heartbeats for days of virtual time");
    idle_command->add_option("--days", idle_options.days)->capture_default_str()->check(CLI::Range(1, 36500));
    idle_command->add_option("--connections", idle_options.connections)
        ->capture_default_str()
        ->check(CLI::Range(1, 100'000));

    bench::SimulatedLoad simulated_load;
    auto* simulated_command = app.add_subcommand("simulated", "One producer, one consumer, in virtual time");
    simulated_command->add_option("--messages", simulated_load.messages)
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    simulated_command->add_option("--body", simulated_load.body, "Octets of a message")->capture_default_str();

    bench::ManyOptions many;
    auto* many_command = app.add_subcommand("connections", "Real connections with heartbeats to one simbroker serve");
    many_command->add_option("program", program)->required();
    many_command->add_option("--connections", many.connections)->capture_default_str()->check(CLI::Range(1, 60'000));
    many_command->add_option("--heartbeat", many.heartbeat, "Seconds")
        ->capture_default_str()
        ->check(CLI::Range(1, 600));
    many_command->add_option("--seconds", many.seconds, "How long to watch")->capture_default_str();

    CLI11_PARSE(app, argc, argv);
    if (load_command->parsed()) return load(options);
    if (startup_command->parsed()) return startup(program);
    if (simulated_command->parsed()) return simulated(simulated_load);
    if (many_command->parsed()) return connections(program, many);
    return idle_days(idle_options);
}
