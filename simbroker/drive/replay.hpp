// Runs a trace again on a fresh broker and compares every octet it sends.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "simbroker/core/trace.hpp"

namespace simbroker::drive {

// The first place where the run was not as recorded.
struct ReplayDifference {
    std::uint64_t input = 0;  // which one, counted from 0
    Instant at{};
    ConnectionId connection{};
    std::uint64_t offset = 0;  // octets into what this input made the broker send to that connection
    std::string expected{};    // as hex around the offset, or in words
    std::string got{};
};

std::string to_string(const ReplayDifference&);

struct ReplayReport {
    std::uint64_t inputs = 0;         // run
    std::uint64_t output_octets = 0;  // sent
    std::uint64_t hash = 0;           // TraceHash of the outputs
    std::optional<ReplayDifference> difference{};
    std::optional<TraceError> cut_short{};  // the file ends early; all up to there was run
};

struct ReplayOptions {
    // What to run on; empty: a broker with the machine that has the faults in front of it.
    std::function<std::unique_ptr<Machine>(const TraceHeader&)> machine{};
};

std::expected<ReplayReport, TraceError> replay(std::istream& trace, const ReplayOptions& options = {});
// A file that cannot be opened is an error at offset 0.
std::expected<ReplayReport, TraceError> replay(const std::filesystem::path& trace, const ReplayOptions& options = {});

// "identical: 12 inputs, 3456 output octets", or the first difference; one or more lines.
std::string to_string(const ReplayReport&);

}  // namespace simbroker::drive
