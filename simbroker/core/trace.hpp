// A trace is everything that decided a run and everything that came of it: configuration, seed, timed inputs, and the
// octets and closes they caused. Any driver records one through RecordingMachine; drive/replay runs it again.
//
//   +----------------+---------+---------------------------+--------------+-----------------------+
//   | "SIMTRACE"     | version | octets of the JSON config | seed         | records, until an end |
//   | 8 octets       | varint  | varint, then so many      | 8 octets, LE | or the end of file    |
//   +----------------+---------+---------------------------+--------------+-----------------------+
//
//   record = kind (1 octet), then by kind:
//     an input  - nanoseconds since the last input (varint), then what the input holds
//     an output - of the input before: connection (varint), for a send also its octets; what becomes of a wire or the
//                 door is the number of the change and what that holds
//     an end    - number of inputs (varint), so that a file cut between two records is told from a whole one
//   Texts and octets are a varint of their length and then themselves. Varints are LEB128, at most ten octets.
#pragma once

#include <cstdint>
#include <expected>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "simbroker/core/config.hpp"
#include "simbroker/core/machine.hpp"
#include "simbroker/core/prng.hpp"

namespace simbroker {

struct TraceHeader {
    BrokerConfig config{};
    Seed seed = 0;

    friend bool operator==(const TraceHeader&, const TraceHeader&) = default;
};

// Input::Received only views its octets; here they are held.
struct TracedInput {
    Instant at{};
    Input input;
    codec::wire::Bytes octets;  // of Received, which views them

    TracedInput() = default;
    TracedInput(Instant instant, Input of) : at(instant), input(std::move(of)) {}
    TracedInput(Instant instant, ConnectionId connection, codec::wire::Bytes held)
        : at(instant), octets(std::move(held)) {
        input = Received{connection, octets};
    }
    TracedInput(const TracedInput&) = delete;
    TracedInput& operator=(const TracedInput&) = delete;
    TracedInput(TracedInput&&) noexcept = default;
    TracedInput& operator=(TracedInput&&) noexcept = default;
};

// Events are not recorded, they follow from the rest.
using TracedOutput = std::variant<Send, Close, Wire, Door>;

struct TraceEnd {
    std::uint64_t inputs = 0;
};

using TraceRecord = std::variant<TracedInput, TracedOutput, TraceEnd>;

class TraceWriter {
public:
    // Writes the header. Write errors are in the stream's state, as with every stream.
    TraceWriter(std::ostream& to, const TraceHeader& header);

    // Flushed at once: if the broker dies of this input, the file tells of which.
    void input(Instant at, const Input& input);
    void output(const Output& output);  // of the input before; events are skipped
    void end();                         // nothing may follow
    std::string end_record() const;     // what end() would write

private:
    std::ostream& to_;
    Instant last_{};
    std::uint64_t inputs_ = 0;
};

// Where in the file reading failed, and what was expected there.
struct TraceError {
    std::uint64_t offset = 0;
    std::string expectation;
    enum class Kind : std::uint8_t { malformed, cut_short } kind = Kind::malformed;
};

std::string to_string(const TraceError&);

class TraceReader {
public:
    // The stream must outlive the reader.
    static std::expected<TraceReader, TraceError> open(std::istream& from);

    const TraceHeader& header() const { return header_; }

    // The next record. After TraceEnd nothing may follow. A file cut short gives TraceError::Kind::cut_short; what came
    // before is good.
    std::expected<TraceRecord, TraceError> next();

private:
    explicit TraceReader(std::istream& from) : from_(&from) {}

    std::istream* from_;
    std::uint64_t offset_ = 0;
    Instant last_{};
    std::uint64_t inputs_ = 0;
    std::set<ConnectionId> opened_;  // each once
    TraceHeader header_;
};

// All outputs but events in order as one number (FNV-1a over their octets, connections and kinds).
class TraceHash {
public:
    void add(const Output& output);  // events are skipped
    std::uint64_t value() const { return hash_; }

private:
    void add_octet(std::uint8_t octet) { hash_ = (hash_ ^ octet) * 0x100000001b3; }
    void add_number(std::uint64_t number);

    std::uint64_t hash_ = 0xcbf29ce484222325;
};

// Records what passes through it. Put it directly around the broker.
class RecordingMachine final : public Machine {
public:
    // The writer must outlive this.
    RecordingMachine(std::unique_ptr<Machine> inner, TraceWriter& writer) : inner_(std::move(inner)), writer_(writer) {}

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override { return inner_->next_deadline(); }
    std::optional<Deadline> what_is_next() const override { return inner_->what_is_next(); }

private:
    std::unique_ptr<Machine> inner_;
    TraceWriter& writer_;
};

// Hashes what passes through it, for checks of determinism.
class HashingMachine final : public Machine {
public:
    explicit HashingMachine(Machine& inner) : inner_(inner) {}

    Outputs handle(Instant now, const Input& input) override;
    std::optional<Instant> next_deadline() const override { return inner_.next_deadline(); }
    std::optional<Deadline> what_is_next() const override { return inner_.what_is_next(); }
    std::uint64_t hash() const { return hash_.value(); }

private:
    Machine& inner_;
    TraceHash hash_;
};

}  // namespace simbroker
