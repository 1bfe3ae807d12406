// Measures a broker from outside, and simbroker in virtual time. One result a line, for people and for script/bench.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <expected>
#include <string>

#include "bench/idle_simulation.hpp"
#include "bench/load.hpp"
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

int idle(int days) {
    const auto result = bench::idle(days);
    if (!result) return failed(result.error());
    fmt::print(
        "seconds {:.3f} heartbeats {}\n", result->seconds, result->heartbeats_sent + result->heartbeats_received
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

    int days = 30;
    auto* idle_command = app.add_subcommand("idle", "One connection with heartbeats for days of virtual time");
    idle_command->add_option("--days", days)->capture_default_str()->check(CLI::Range(1, 36500));

    CLI11_PARSE(app, argc, argv);
    if (load_command->parsed()) return load(options);
    if (startup_command->parsed()) return startup(program);
    return idle_command->parsed() ? idle(days) : 2;
}
