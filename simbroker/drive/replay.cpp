// Replays a trace: input by input, comparing what comes out with what was recorded.
#include "simbroker/drive/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "codec/wire/hex.hpp"
#include "simbroker/core/overloaded.hpp"
#include "simbroker/fault/interceptor.hpp"

namespace simbroker::drive {

namespace {

using codec::wire::BytesView;

ConnectionId connection_of(const TracedOutput& output) {
    return std::visit(
        Overloaded{
            [](const Door&) { return ConnectionId{}; },
            [](const auto& held) { return held.connection; },
        },
        output
    );
}

// Sixteen octets from a little before `offset`, in hex, with the one at `offset` in brackets.
std::string around(BytesView bytes, std::uint64_t offset) {
    constexpr std::size_t before = 6;
    constexpr std::size_t most = 16;
    const auto first = offset > before ? static_cast<std::size_t>(offset) - before : 0;
    std::string text = first > 0 ? "... " : "";
    for (auto i = first; i < std::min(bytes.size(), first + most); ++i) {
        const auto hex = codec::wire::to_hex(bytes.subspan(i, 1));
        text += i == offset ? "[" + hex + "] " : hex + " ";
    }
    if (offset >= bytes.size()) return text + fmt::format("[end after {} octets]", bytes.size());
    if (first + most < bytes.size()) return text + "...";
    text.pop_back();
    return text;
}

std::string in_words(const TracedOutput* output) {
    if (output == nullptr) return "nothing more";
    const auto id = connection_of(*output).value;
    return std::visit(
        Overloaded{
            [&](const Send& send) {
                return fmt::format("{} octets to connection {}: {}", send.bytes.size(), id, around(send.bytes, 0));
            },
            [&](const Close&) { return fmt::format("connection {} closed", id); },
            [&](const Wire& wire) { return fmt::format("connection {}, {}", id, to_string(wire)); },
            [](const Door& door) { return to_string(door); },
        },
        *output
    );
}

// One input of the trace, what it did then, and what it does now.
struct Step {
    TracedInput input;
    std::uint64_t index = 0;
    std::vector<TracedOutput> recorded;
    std::vector<TracedOutput> got;

    ReplayDifference difference(std::size_t output) const;
};

ReplayDifference Step::difference(std::size_t output) const {
    const auto* expected = output < recorded.size() ? &recorded[output] : nullptr;
    const auto* actual = output < got.size() ? &got[output] : nullptr;
    ReplayDifference found{.input = index, .at = input.at};
    if (expected != nullptr || actual != nullptr) found.connection = connection_of(expected ? *expected : *actual);

    const auto* expected_send = expected ? std::get_if<Send>(expected) : nullptr;
    const auto* actual_send = actual ? std::get_if<Send>(actual) : nullptr;
    if (expected_send && actual_send && expected_send->connection == actual_send->connection) {
        const auto [a, b] = std::ranges::mismatch(expected_send->bytes, actual_send->bytes);
        found.offset = static_cast<std::uint64_t>(a - expected_send->bytes.begin());
        found.expected = around(expected_send->bytes, found.offset);
        found.got = around(actual_send->bytes, found.offset);
    } else {
        found.expected = in_words(expected);
        found.got = in_words(actual);
    }
    return found;
}

class Replay {
public:
    Replay(Machine& machine, TraceReader& reader) : machine_(machine), reader_(reader) {}

    std::expected<ReplayReport, TraceError> run();

private:
    enum class Recorded : std::uint8_t { all, perhaps_cut };

    void start(TracedInput input);
    void compare(Recorded recorded);

    Machine& machine_;
    TraceReader& reader_;
    std::optional<Step> step_;
    TraceHash hash_;
    ReplayReport report_;
};

void Replay::start(TracedInput input) {
    step_.emplace(Step{.input = std::move(input), .index = report_.inputs, .recorded = {}, .got = {}});
    ++report_.inputs;
    for (auto& output : machine_.handle(step_->input.at, step_->input.input)) {
        hash_.add(output);
        if (const auto* send = std::get_if<Send>(&output)) report_.output_octets += send->bytes.size();
        std::visit(
            Overloaded{
                [](Event&&) {},
                [&](auto&& recorded) { step_->got.emplace_back(std::move(recorded)); },
            },
            std::move(output)
        );
    }
    report_.hash = hash_.value();
}

// What a file that was cut short does not tell of its last input is no difference.
void Replay::compare(Recorded recorded) {
    if (!step_) return;
    const auto& [expected, got] = std::tie(step_->recorded, step_->got);
    const auto count = recorded == Recorded::all ? std::max(expected.size(), got.size()) : expected.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (i < expected.size() && i < got.size() && expected[i] == got[i]) continue;
        report_.difference = step_->difference(i);
        return;
    }
    step_.reset();
}

std::expected<ReplayReport, TraceError> Replay::run() {
    while (!report_.difference) {
        auto record = reader_.next();
        if (!record && record.error().kind == TraceError::Kind::malformed) return std::unexpected(record.error());
        if (!record) {
            report_.cut_short = record.error();
            compare(Recorded::perhaps_cut);
            return report_;
        }
        if (auto* output = std::get_if<TracedOutput>(&*record)) {
            step_->recorded.push_back(std::move(*output));  // the reader refuses an output before any input
            continue;
        }
        compare(Recorded::all);
        if (report_.difference || std::holds_alternative<TraceEnd>(*record)) break;
        start(std::get<TracedInput>(std::move(*record)));
    }
    return report_;
}

double seconds(Instant at) { return std::chrono::duration<double>(at.time_since_epoch()).count(); }

}  // namespace

std::expected<ReplayReport, TraceError> replay(std::istream& trace, const ReplayOptions& options) {
    auto reader = TraceReader::open(trace);
    if (!reader) return std::unexpected(reader.error());
    const auto& header = reader->header();
    const auto machine =
        options.machine ? options.machine(header) : fault::broker_with_faults(header.config, header.seed);
    return Replay(*machine, *reader).run();
}

std::expected<ReplayReport, TraceError> replay(const std::filesystem::path& path, const ReplayOptions& options) {
    std::ifstream file(path, std::ios::binary);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
        const auto why = !file.is_open() ? std::strerror(errno) : "it is empty or not a file";
        return std::unexpected(TraceError{0, fmt::format("a readable trace in {}: {}", path.string(), why)});
    }
    return replay(file, options);
}

std::string to_string(const ReplayDifference& difference) {
    return fmt::format(
        "input {} at {:.9f} s, connection {}, output offset {}\n  expected  {}\n  got       {}",
        difference.input,
        seconds(difference.at),
        difference.connection.value,
        difference.offset,
        difference.expected,
        difference.got
    );
}

std::string to_string(const ReplayReport& report) {
    std::string text;
    if (report.difference) {
        text = "different: " + to_string(*report.difference);
    } else {
        text = fmt::format("identical: {} inputs, {} output octets", report.inputs, report.output_octets);
    }
    if (report.cut_short) text += "\n" + to_string(*report.cut_short) + "; replayed up to there";
    return text;
}

}  // namespace simbroker::drive
