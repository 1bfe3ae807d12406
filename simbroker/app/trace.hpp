// `simbroker trace show`, `trace diff`, `trace pcapng`: their command lines and what they do.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace simbroker::app {

struct TraceArguments {
    std::string file{};
    std::string other{};  // to compare with, or to write to
    std::optional<std::uint32_t> connection{};
    double from = 0;  // seconds of broker time
    std::optional<double> to{};
    bool heartbeats = false;
    bool ignore_times = false;
    CLI::App* show = nullptr;
    CLI::App* diff = nullptr;
    CLI::App* pcapng = nullptr;
};

CLI::App* add_trace(CLI::App& app, TraceArguments& arguments);

// The exit status: 0; 1 if two traces differ; 2 if a file cannot be read, written or is no trace.
int trace(const TraceArguments&);

}  // namespace simbroker::app
