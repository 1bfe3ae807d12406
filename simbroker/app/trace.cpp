// Traces for those who look: shown, compared, exported.
#include "simbroker/app/trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "simbroker/trace/diff.hpp"
#include "simbroker/trace/pcapng.hpp"
#include "simbroker/trace/show.hpp"

namespace simbroker::app {

namespace {

constexpr int different = 1;
constexpr int unusable = 2;

int fail(const std::string& file, const std::string& why) {
    fmt::print(stderr, "simbroker trace: {}: {}\n", file, why);
    return unusable;
}

std::string cannot_be_read() { return fmt::format("cannot be read: {}", std::strerror(errno)); }

Instant instant_of(double seconds) {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
}

int show(const TraceArguments& arguments) {
    std::ifstream file(arguments.file, std::ios::binary);
    if (!file) return fail(arguments.file, cannot_be_read());
    simbroker::trace::Selection selection;
    if (arguments.connection) selection.connection = ConnectionId{*arguments.connection};
    selection.from = instant_of(arguments.from);
    if (arguments.to) selection.to = instant_of(*arguments.to);
    if (arguments.heartbeats) selection.heartbeats = simbroker::trace::Selection::Heartbeats::shown;
    const auto shown = simbroker::trace::show(file, std::cout, selection);
    return shown ? 0 : fail(arguments.file, to_string(shown.error()));
}

int diff(const TraceArguments& arguments) {
    std::ifstream first(arguments.file, std::ios::binary);
    if (!first) return fail(arguments.file, cannot_be_read());
    std::ifstream second(arguments.other, std::ios::binary);
    if (!second) return fail(arguments.other, cannot_be_read());
    using simbroker::trace::Times;
    const auto times = arguments.ignore_times ? Times::ignored : Times::compared;
    const auto same = simbroker::trace::diff(first, second, std::cout, times);
    if (same) return *same == simbroker::trace::Same::yes ? 0 : different;
    const bool of_first = same.error().which == simbroker::trace::DiffError::Which::first;
    return fail(of_first ? arguments.file : arguments.other, to_string(same.error().error));
}

int pcapng(const TraceArguments& arguments) {
    std::ifstream file(arguments.file, std::ios::binary);
    if (!file) return fail(arguments.file, cannot_be_read());
    std::ofstream out(arguments.other, std::ios::binary | std::ios::trunc);
    if (!out) return fail(arguments.other, fmt::format("cannot be written: {}", std::strerror(errno)));
    const auto capture = simbroker::trace::write_pcapng(file, out);
    if (!capture) return fail(arguments.file, to_string(capture.error()));
    out.close();
    if (!out) return fail(arguments.other, "could not be written to its end");
    fmt::print("{}: {} packets of {} connections\n", arguments.other, capture->packets, capture->connections);
    return 0;
}

}  // namespace

CLI::App* add_trace(CLI::App& app, TraceArguments& arguments) {
    auto* trace = app.add_subcommand("trace", "Look at what was recorded");
    trace->require_subcommand(1);
    const auto add = [&](const char* name, const char* meaning) {
        auto* command = trace->add_subcommand(name, meaning);
        command->add_option("file", arguments.file, "What serve --trace wrote")->required();
        return command;
    };
    arguments.show = add("show", "Frames, events and operations on one time line, with a lane for each connection");
    arguments.show->add_option("--connection", arguments.connection, "Only this one, and what is of none");
    arguments.show->add_option("--from", arguments.from, "Seconds of broker time")->check(CLI::Range(0.0, 1e9));
    arguments.show->add_option("--to", arguments.to, "Seconds of broker time")->check(CLI::Range(0.0, 1e9));
    arguments.show->add_flag("--heartbeats", arguments.heartbeats, "Show heartbeats too");
    arguments.diff = add("diff", "The first difference of two traces, with what led to it");
    arguments.diff->add_option("other", arguments.other, "The trace to compare with")->required();
    arguments.diff->add_flag("--ignore-times", arguments.ignore_times, "For runs by the wall clock");
    arguments.pcapng = add("pcapng", "Write a capture for Wireshark and tshark");
    arguments.pcapng->add_option("out", arguments.other, "The capture to write")->required();
    return trace;
}

int trace(const TraceArguments& arguments) {
    if (arguments.show->parsed()) return show(arguments);
    return arguments.diff->parsed() ? diff(arguments) : pcapng(arguments);
}

}  // namespace simbroker::app
