// The trace format, written and read; the boxes are in the header.
#include "simbroker/core/trace.hpp"

#include <fmt/format.h>

#include <cassert>
#include <istream>
#include <ostream>
#include <string_view>

#include "simbroker/core/end_of_time.hpp"
#include "simbroker/core/trace_wire.hpp"

namespace simbroker {

namespace {

using codec::wire::as_text;
using codec::wire::Bytes;
using codec::wire::BytesView;
using traced::Record;
using traced::Source;

constexpr std::string_view magic = "SIMTRACE";
// 1: without faults. Whatever it holds this program holds, too.
constexpr std::uint64_t oldest_version = 1;
constexpr std::uint64_t version = 2;

// The first octet of a record. Numbers are for ever: old files hold them.
enum class Kind : std::uint8_t {
    connected = 1,
    received = 2,
    disconnected = 3,
    deadline_reached = 4,
    close_connection = 5,
    set_alarm = 6,
    shutdown = 7,
    operate = 8,
    crash = 9,
    start = 10,
    congestion = 11,
    connected_over_tls = 12,
    add_fault = 13,
    remove_fault = 14,
    release_held = 15,
    send = 16,
    close = 17,
    wire = 18,
    door = 19,
    end = 31,
};

bool is_output(Kind kind) { return kind >= Kind::send && kind <= Kind::door; }

// ---- writing

// An input's record: `head` writes kind and time, then comes what each holds.
struct InputWriter {
    Record& record;
    std::uint64_t delta;

    Record& head(Kind kind) { return record.kind(kind).number(delta); }

    void operator()(const Connected& in) {
        head(in.tls ? Kind::connected_over_tls : Kind::connected).connection(in.connection).text(in.peer);
        if (!in.tls) return;
        const auto& certificate = in.tls->certificate;
        record.number(certificate ? 1 : 0);
        if (!certificate) return;
        record.text(certificate->distinguished_name).text(certificate->common_name).text(certificate->host_name);
    }
    void operator()(const Received& in) { head(Kind::received).connection(in.connection).text(as_text(in.bytes)); }
    void operator()(const Disconnected& in) { head(Kind::disconnected).connection(in.connection); }
    void operator()(const Congestion& in) {
        head(Kind::congestion).connection(in.connection).number(static_cast<std::uint64_t>(in.state));
    }
    void operator()(const DeadlineReached&) { head(Kind::deadline_reached); }
    void operator()(const CloseConnection& in) {
        head(Kind::close_connection).connection(in.connection).text(in.reason);
    }
    void operator()(const SetAlarm& in) {
        head(Kind::set_alarm)
            .number(static_cast<std::uint64_t>(in.resource))
            .number(static_cast<std::uint64_t>(in.state));
    }
    void operator()(const Shutdown&) { head(Kind::shutdown); }
    void operator()(const Operate& in) { head(Kind::operate).text(to_json(in.operation)); }
    void operator()(const Crash&) { head(Kind::crash); }
    void operator()(const Start&) { head(Kind::start); }
    void operator()(const AddFault& in) { head(Kind::add_fault).text(in.rule); }
    void operator()(const RemoveFault& in) { head(Kind::remove_fault).text(in.id); }
    void operator()(const ReleaseHeld& in) { head(Kind::release_held).text(in.label); }
};

struct OutputWriter {
    Record& record;

    void operator()(const Send& send) { record.kind(Kind::send).connection(send.connection).text(as_text(send.bytes)); }
    void operator()(const Close& close) { record.kind(Kind::close).connection(close.connection); }
    void operator()(const Event&) {}
    void operator()(const Wire& wire) { write(record.kind(Kind::wire), wire); }
    void operator()(const Door& door) { write(record.kind(Kind::door), door); }
};

// ---- reading

Instant read_instant(Source& source, Instant last) {
    const auto most = static_cast<std::uint64_t>((end_of_time - last).count());
    return last + Duration(static_cast<Duration::rep>(source.number_up_to(most, "nanoseconds since the last input")));
}

Operate read_operation(Source& source) {
    const auto start = source.offset();
    auto operation = operation_from_json(source.text("operation"));
    if (operation) return {std::move(*operation)};
    source.fail(start, operation.error());
    return {};
}

TracedInput read_input(Source& source, Kind kind, Instant last) {
    const auto at = read_instant(source, last);
    switch (kind) {
        case Kind::connected: {
            const auto connection = source.connection();
            return {at, Connected{connection, source.text("peer name")}};
        }
        case Kind::connected_over_tls: {
            const auto connection = source.connection();
            Connected connected{connection, source.text("peer name"), TlsFacts{}};
            if (source.number_up_to(1, "presence of a certificate") == 1) {
                auto distinguished_name = source.text("distinguished name");
                auto common_name = source.text("common name");
                connected.tls->certificate = {
                    std::move(distinguished_name), std::move(common_name), source.text("host name")
                };
            }
            return {at, std::move(connected)};
        }
        case Kind::received: {
            const auto connection = source.connection();
            return {at, connection, source.octets("received octets")};
        }
        case Kind::disconnected: return {at, Disconnected{source.connection()}};
        case Kind::deadline_reached: return {at, DeadlineReached{}};
        case Kind::close_connection: {
            const auto connection = source.connection();
            return {at, CloseConnection{connection, source.text("reason")}};
        }
        case Kind::set_alarm: {
            const auto resource = static_cast<SetAlarm::Resource>(source.number_up_to(1, "alarm resource"));
            return {at, SetAlarm{resource, static_cast<SetAlarm::State>(source.number_up_to(1, "alarm state"))}};
        }
        case Kind::shutdown: return {at, Shutdown{}};
        case Kind::operate: return {at, read_operation(source)};
        case Kind::crash: return {at, Crash{}};
        case Kind::start: return {at, Start{}};
        case Kind::add_fault: return {at, AddFault{source.text("rule")}};
        case Kind::remove_fault: return {at, RemoveFault{source.text("id of a rule")}};
        case Kind::release_held: return {at, ReleaseHeld{source.text("label")}};
        case Kind::congestion: {
            const auto connection = source.connection();
            return {at, Congestion{connection, static_cast<Congestion::State>(source.number_up_to(1, "congestion"))}};
        }
        case Kind::send:
        case Kind::close:
        case Kind::wire:
        case Kind::door:
        case Kind::end: break;
    }
    return {};
}

TracedOutput read_output(Source& source, Kind kind) {
    if (kind == Kind::wire) return traced::read_wire(source);
    if (kind == Kind::door) return traced::read_door(source);
    const auto connection = source.connection();
    if (kind == Kind::close) return Close{connection};
    return Send{connection, source.octets("sent octets")};
}

TraceEnd read_end(Source& source, std::uint64_t inputs) {
    const auto start = source.offset();
    const TraceEnd end{source.number("number of inputs")};
    if (end.inputs != inputs)
        source.fail(start, fmt::format("the number of inputs read, {}, not {}", inputs, end.inputs));
    if (!source.error() && !source.at_end()) source.fail(source.offset(), "the end of the file after the end record");
    return end;
}

bool is_known(std::uint8_t kind) { return (kind >= 1 && kind <= 19) || kind == 31; }

}  // namespace

TraceWriter::TraceWriter(std::ostream& to, const TraceHeader& header) : to_(to) {
    Record record;
    record.octets = magic;
    record.number(version).text(to_json(header.config));
    for (unsigned shift = 0; shift < 64; shift += 8) record.octets.push_back(static_cast<char>(header.seed >> shift));
    record.to(to_);
    to_.flush();
}

void TraceWriter::input(Instant at, const Input& input) {
    assert(at >= last_);
    Record record;
    std::visit(InputWriter{record, static_cast<std::uint64_t>((at - last_).count())}, input);
    record.to(to_);
    to_.flush();
    last_ = at;
    ++inputs_;
}

void TraceWriter::output(const Output& output) {
    Record record;
    std::visit(OutputWriter{record}, output);
    record.to(to_);
}

void TraceWriter::end() {
    to_ << end_record();
    to_.flush();
}

std::string TraceWriter::end_record() const {
    Record record;
    record.kind(Kind::end).number(inputs_);
    return std::move(record.octets);
}

std::string to_string(const TraceError& error) {
    const auto* how = error.kind == TraceError::Kind::cut_short ? "the trace ends" : "not a good trace";
    return fmt::format("{} at offset {}: expected {}", how, error.offset, error.expectation);
}

std::expected<TraceReader, TraceError> TraceReader::open(std::istream& from) {
    TraceReader reader(from);
    Source source(from, 0);
    for (const char expected : magic) {
        const auto got = source.octet("\"SIMTRACE\", the beginning of a trace");
        if (got != static_cast<std::uint8_t>(expected)) source.fail(0, "\"SIMTRACE\", the beginning of a trace");
    }
    const auto version_offset = source.offset();
    const auto got_version = source.number("format version");
    if (got_version < oldest_version || got_version > version) {
        source.fail(
            version_offset, fmt::format("format version {} to {}, not {}", oldest_version, version, got_version)
        );
    }
    const auto config_offset = source.offset();
    const auto json = source.text("configuration");
    for (unsigned shift = 0; shift < 64; shift += 8) reader.header_.seed |= Seed{source.octet("seed")} << shift;
    if (source.error()) return std::unexpected(*source.error());

    auto config = config_from_json(json);
    if (!config) return std::unexpected(TraceError{config_offset, "a configuration; " + config.error()});
    reader.header_.config = std::move(*config);
    reader.offset_ = source.offset();
    return reader;
}

std::expected<TraceRecord, TraceError> TraceReader::next() {
    Source source(*from_, offset_);
    const auto raw = source.octet("a record or the end record");
    if (source.error()) return std::unexpected(*source.error());
    if (!is_known(raw)) {
        return std::unexpected(TraceError{offset_, fmt::format("the kind of a record, not {:#04x}", raw)});
    }
    const auto kind = static_cast<Kind>(raw);
    if (is_output(kind) && inputs_ == 0) {
        return std::unexpected(TraceError{offset_, "an input before the first output"});
    }

    TraceRecord record;
    if (kind == Kind::end) {
        record = read_end(source, inputs_);
    } else if (is_output(kind)) {
        record = read_output(source, kind);
    } else {
        record = read_input(source, kind, last_);
    }
    if (source.error()) return std::unexpected(*source.error());
    if (const auto* input = std::get_if<TracedInput>(&record)) {
        const auto* connected = std::get_if<Connected>(&input->input);
        if (connected && !opened_.insert(connected->connection).second) {
            return std::unexpected(TraceError{
                offset_, fmt::format("a new connection, not number {} once more", connected->connection.value)
            });
        }
    }

    offset_ = source.offset();
    if (const auto* input = std::get_if<TracedInput>(&record)) {
        last_ = input->at;
        ++inputs_;
    }
    return record;
}

void TraceHash::add_number(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) add_octet(static_cast<std::uint8_t>(number >> shift));
}

void TraceHash::add(const Output& output) {
    if (const auto* send = std::get_if<Send>(&output)) {
        add_octet(static_cast<std::uint8_t>(Kind::send));
        add_number(send->connection.value);
        add_number(send->bytes.size());
        for (const auto octet : send->bytes) add_octet(octet);
    } else if (const auto* close = std::get_if<Close>(&output)) {
        add_octet(static_cast<std::uint8_t>(Kind::close));
        add_number(close->connection.value);
    } else {
        Record record;
        std::visit(OutputWriter{record}, output);
        for (const auto octet : record.octets) add_octet(static_cast<std::uint8_t>(octet));
    }
}

Outputs RecordingMachine::handle(Instant now, const Input& input) {
    writer_.input(now, input);
    auto outputs = inner_->handle(now, input);
    for (const auto& output : outputs) writer_.output(output);
    return outputs;
}

Outputs HashingMachine::handle(Instant now, const Input& input) {
    auto outputs = inner_.handle(now, input);
    for (const auto& output : outputs) hash_.add(output);
    return outputs;
}

}  // namespace simbroker
