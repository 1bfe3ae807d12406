#include "simbroker/core/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace simbroker {
namespace {

using namespace std::chrono_literals;
using codec::wire::as_bytes;
using codec::wire::as_text;
using codec::wire::Bytes;
using testing::HasSubstr;

constexpr ConnectionId one{1};
constexpr ConnectionId far{4'000'000'000};

Send send(ConnectionId to, std::string_view text) {
    const auto octets = as_bytes(text);
    return {to, Bytes(octets.begin(), octets.end())};
}

std::string a_trace() {
    std::ostringstream file;
    TraceWriter writer(file, {.config = {.max_connections = 7}, .seed = 0xfedcba9876543210});
    writer.input(Instant(1ms), Connected{one, "127.0.0.1:5"});
    writer.output(send(one, "hello"));
    writer.output(Event{.subject = {}, .detail = {}});
    writer.input(Instant(1ms), Received{one, as_bytes("octets")});
    writer.output(send(far, std::string(300, 'x')));
    writer.output(Close{one});
    writer.input(Instant(2h), DeadlineReached{});
    writer.input(Instant(2h), Congestion{far, Congestion::State::congested});
    writer.input(Instant(2h), SetAlarm{SetAlarm::Resource::disk, SetAlarm::State::raised});
    writer.input(Instant(3h), CloseConnection{far, "bored"});
    writer.input(Instant(3h), Disconnected{far});
    writer.input(Instant(4h), Operate{operation::AddVhost{"orders"}});
    writer.input(Instant(4h), Shutdown{});
    writer.input(Instant(4h), Start{});
    writer.input(Instant(4h), Crash{});
    writer.input(Instant(5h), AddFault{"{}"});
    writer.input(Instant(5h), RemoveFault{"fault-1"});
    writer.input(Instant(5h), ReleaseHeld{"slow"});
    writer.end();
    return file.str();
}

// All records of a file as text, and the error that ended it, if one did.
struct Read {
    std::vector<std::string> records;
    std::optional<TraceError> error;
};

std::string shown(const Input& input) {
    struct {
        std::string operator()(const Connected& in) {
            return "connected " + std::to_string(in.connection.value) + in.peer;
        }
        std::string operator()(const Received& in) { return "received " + std::string(as_text(in.bytes)); }
        std::string operator()(const Disconnected& in) { return "disconnected " + std::to_string(in.connection.value); }
        std::string operator()(const Congestion& in) {
            return in.state == Congestion::State::congested ? "congested" : "relieved";
        }
        std::string operator()(const DeadlineReached&) { return "deadline"; }
        std::string operator()(const CloseConnection& in) { return "close " + in.reason; }
        std::string operator()(const SetAlarm& in) {
            return std::string("alarm") + (in.resource == SetAlarm::Resource::disk ? " disk" : " memory") +
                   (in.state == SetAlarm::State::raised ? " raised" : " cleared");
        }
        std::string operator()(const Shutdown&) { return "shutdown"; }
        std::string operator()(const Operate& in) { return to_json(in.operation); }
        std::string operator()(const Crash&) { return "crash"; }
        std::string operator()(const Start&) { return "start"; }
        std::string operator()(const AddFault& in) { return "add " + in.rule; }
        std::string operator()(const RemoveFault& in) { return "remove " + in.id; }
        std::string operator()(const ReleaseHeld& in) { return "release " + in.label; }
    } show{};
    return std::visit(show, input);
}

std::string shown(const TraceRecord& record) {
    if (const auto* input = std::get_if<TracedInput>(&record)) {
        return std::to_string(input->at.time_since_epoch() / 1ms) + " ms " + shown(input->input);
    }
    if (const auto* end = std::get_if<TraceEnd>(&record)) return "end " + std::to_string(end->inputs);
    const auto& output = std::get<TracedOutput>(record);
    if (const auto* close = std::get_if<Close>(&output)) return "> close " + std::to_string(close->connection.value);
    const auto& sent = std::get<Send>(output);
    return "> send " + std::to_string(sent.connection.value) + " " + std::to_string(sent.bytes.size());
}

Read read(const std::string& octets) {
    std::istringstream file(octets);
    auto reader = TraceReader::open(file);
    if (!reader) return {{}, reader.error()};
    Read all;
    for (;;) {
        const auto record = reader->next();
        if (!record) {
            all.error = record.error();
            return all;
        }
        all.records.push_back(shown(*record));
        if (std::holds_alternative<TraceEnd>(*record)) return all;
    }
}

TEST(Trace, holds_every_kind_of_record) {
    const auto all = read(a_trace());
    EXPECT_FALSE(all.error) << to_string(*all.error);
    EXPECT_THAT(
        all.records,
        testing::ElementsAre(
            "1 ms connected 1127.0.0.1:5",
            "> send 1 5",
            "1 ms received octets",
            "> send 4000000000 300",
            "> close 1",
            "7200000 ms deadline",
            "7200000 ms congested",
            "7200000 ms alarm disk raised",
            "10800000 ms close bored",
            "10800000 ms disconnected 4000000000",
            R"(14400000 ms {"add_vhost":{"vhost":"orders"}})",
            "14400000 ms shutdown",
            "14400000 ms start",
            "14400000 ms crash",
            "18000000 ms add {}",
            "18000000 ms remove fault-1",
            "18000000 ms release slow",
            "end 14"
        )
    );
}

TEST(Trace, holds_configuration_and_seed) {
    std::istringstream file(a_trace());
    const auto reader = TraceReader::open(file);
    ASSERT_TRUE(reader) << to_string(reader.error());
    EXPECT_EQ(reader->header(), (TraceHeader{.config = {.max_connections = 7}, .seed = 0xfedcba9876543210}));
}

TEST(Trace, cut_anywhere_says_where_and_gives_what_came_before) {
    const auto whole = a_trace();
    const auto records = read(whole).records;
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto cut = read(whole.substr(0, length));
        ASSERT_TRUE(cut.error) << length;
        EXPECT_EQ(cut.error->kind, TraceError::Kind::cut_short) << length;
        EXPECT_EQ(cut.error->offset, length);
        EXPECT_FALSE(cut.error->expectation.empty());
        ASSERT_LT(cut.records.size(), records.size());
        EXPECT_TRUE(std::equal(cut.records.begin(), cut.records.end(), records.begin())) << length;
    }
}

TEST(Trace, survives_any_octet_being_wrong) {
    const auto whole = a_trace();
    std::size_t errors = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const int value : {0x00, 0x7f, 0x80, 0xff}) {
            auto corrupt = whole;
            corrupt[at] = static_cast<char>(value);
            const auto got = read(corrupt);
            if (!got.error) continue;
            ++errors;
            EXPECT_LE(got.error->offset, whole.size());
            EXPECT_FALSE(got.error->expectation.empty());
        }
    }
    EXPECT_GT(errors, 100u);
}

TraceError error_of(const std::string& octets) { return read(octets).error.value_or(TraceError{0, "no error"}); }

// A trace without inputs but the header and these octets.
std::string with(std::string_view records) {
    std::ostringstream file;
    TraceWriter(file, {});
    return file.str() + std::string(records);
}

std::size_t header_size() { return with("").size(); }

TEST(Trace, refuses_what_is_no_trace) {
    EXPECT_THAT(to_string(error_of("SIMTRASH and more")), HasSubstr("offset 0: expected \"SIMTRACE\""));
    EXPECT_THAT(to_string(error_of("SIMTRACE\x03")), HasSubstr("offset 8: expected format version 1 to 2, not 3"));
    EXPECT_THAT(
        to_string(error_of(std::string("SIMTRACE\x01\x02{]") + "12345678")), HasSubstr("offset 9: expected a conf")
    );
}

TEST(Trace, refuses_records_that_cannot_be) {
    EXPECT_THAT(error_of(with("\x1e")).expectation, HasSubstr("kind of a record, not 0x1e"));
    EXPECT_EQ(error_of(with("\x1e")).offset, header_size());
    EXPECT_THAT(error_of(with("\x10\x01\x01x")).expectation, HasSubstr("an input before the first output"));
    EXPECT_THAT(error_of(with("\x1f\x05")).expectation, HasSubstr("number of inputs read, 0, not 5"));
    EXPECT_THAT(error_of(with(std::string_view("\x1f\x00more", 6))).expectation, HasSubstr("the end of the file"));
    EXPECT_THAT(
        error_of(with(std::string_view("\x06\x00\x02\x00", 4))).expectation, HasSubstr("alarm resource of at most 1")
    );
    EXPECT_THAT(
        error_of(with(std::string_view("\x03\x00\xff\xff\xff\xff\x7f", 7))).expectation,
        HasSubstr("connection of at most")
    );
    EXPECT_THAT(
        error_of(with("\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f")).expectation, HasSubstr("at most 64 bits")
    );
    EXPECT_THAT(
        error_of(with("\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")).expectation,
        HasSubstr("nanoseconds since the last")
    );
}

TEST(Trace, does_not_allocate_what_a_length_claims) {
    const auto error = error_of(with(std::string_view("\x02\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7fxyz", 15)));
    EXPECT_EQ(error.kind, TraceError::Kind::cut_short);
    EXPECT_EQ(error.offset, header_size() + 15);
}

TEST(Trace, hash_depends_on_every_octet_connection_and_order) {
    const auto hash = [](const Outputs& outputs) {
        TraceHash hash;
        for (const auto& output : outputs) hash.add(output);
        return hash.value();
    };
    const auto base = hash({send(one, "ab"), Close{one}});
    EXPECT_EQ(base, hash({send(one, "ab"), Event{.subject = "x", .detail = {}}, Close{one}}));
    EXPECT_NE(base, hash({send(one, "ac"), Close{one}}));
    EXPECT_NE(base, hash({send(far, "ab"), Close{one}}));
    EXPECT_NE(base, hash({Close{one}, send(one, "ab")}));
    EXPECT_NE(base, hash({send(one, "a"), send(one, "b"), Close{one}}));
    EXPECT_EQ(TraceHash().value(), 0xcbf29ce484222325u);
}

}  // namespace
}  // namespace simbroker
