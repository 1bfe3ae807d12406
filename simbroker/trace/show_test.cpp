#include "simbroker/trace/show.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simbroker/trace/recorded_run.hpp"

namespace simbroker::trace {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string shown(const std::string& trace, const Selection& selection = {}) {
    std::istringstream in(trace);
    std::ostringstream out;
    const auto done = show(in, out, selection);
    return done ? out.str() : to_string(done.error());
}

TEST(TraceShow, tells_frames_and_events_on_one_time_line_with_a_lane_for_each_connection) {
    const auto text = shown(recorded_run({.seed = 7}));
    EXPECT_THAT(text, HasSubstr("profile rabbitmq-4.3, seed 7\n"));
    EXPECT_THAT(text, HasSubstr("     0.005000000  o        #1      connected from simulated:1\n"));
    EXPECT_THAT(text, HasSubstr("     0.005000000  | o      #2      connected from simulated:2\n"));
    EXPECT_THAT(text, HasSubstr("     0.005000000  > |      #1      -> protocol header AMQP 0 0 9 1\n"));
    EXPECT_THAT(text, HasSubstr("     0.005000000  * |      #1         * connection_opened guest@/: simulated:1\n"));
    EXPECT_THAT(text, HasSubstr("     0.005000000  | <      #2.1    <- channel.open-ok("));
    EXPECT_THAT(text, HasSubstr("     1.000000000  > |      #1.1    -> body of 5 octets: hello\n"));
    EXPECT_THAT(text, HasSubstr("     2.000000000  x |      #1      gone\n"));
}

TEST(TraceShow, frees_the_lane_of_a_connection_that_ended) {
    Drawing drawing;
    const auto moment = [](std::uint32_t id, Moment::Kind kind) {
        return Moment{.kind = kind, .connection = {id}, .text = "", .octets = {}};
    };
    drawing.line(moment(1, Moment::Kind::connected));
    drawing.line(moment(2, Moment::Kind::connected));
    drawing.line(moment(1, Moment::Kind::ended_by_client));
    EXPECT_THAT(drawing.line(moment(1, Moment::Kind::event)), HasSubstr("  |  "))
        << "an event of one that is gone has no lane";
    EXPECT_THAT(drawing.line(moment(3, Moment::Kind::connected)), HasSubstr("o | "));
}

TEST(TraceShow, shows_what_is_asked_for) {
    const auto trace = recorded_run();
    const auto of_second = shown(trace, {.connection = ConnectionId{2}});
    EXPECT_THAT(of_second, HasSubstr("#2"));
    EXPECT_THAT(of_second, Not(HasSubstr("#1")));
    const auto late = shown(trace, {.from = Instant(500ms), .to = Instant(1500ms)});
    EXPECT_THAT(late, HasSubstr("hello"));
    EXPECT_THAT(late, Not(HasSubstr("connected from")));
    EXPECT_THAT(late, Not(HasSubstr("gone")));
}

TEST(TraceShow, shows_operations_and_octets_that_are_no_frames) {
    const auto text = shown(recorded_run({.crashes = true}));
    EXPECT_THAT(text, HasSubstr("crash\n"));
    EXPECT_THAT(text, HasSubstr("broker_stopped"));
    const auto malformed =
        shown(recorded_run({.garbage = std::string_view("\x01\x00\x01\x00\x00\x00\x04\x00\x14\x00\xff\xce", 12)}));
    EXPECT_THAT(malformed, HasSubstr("-> malformed method: "));
    EXPECT_THAT(malformed, HasSubstr("* violation"));
}

TEST(TraceShow, shows_a_trace_that_was_cut_short_up_to_there) {
    const auto trace = recorded_run();
    EXPECT_THAT(shown(trace.substr(0, trace.size() - 10)), HasSubstr("the trace ends at offset"));
    EXPECT_THAT(shown("SIMTRICK"), HasSubstr("not a good trace at offset 0"));
}

}  // namespace
}  // namespace simbroker::trace
