#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "conformance/report/badge.hpp"
#include "conformance/report/json.hpp"
#include "conformance/report/junit.hpp"
#include "conformance/report/markdown.hpp"
#include "conformance/report/text.hpp"
#include "conformance/report/xml.hpp"

namespace conformance::report {
namespace {

using runner::Result;
using runner::Verdict;
using testing::HasSubstr;
using testing::Not;

class ReportTest : public testing::Test {
protected:
    ReportTest() {
        scenario_.id = "queue.x[1]";
        scenario_.at = {"scenarios/amqp091/queue.yaml", 7};
        scenario_.level = catalogue::Level::must;
        scenario_.clauses = {"091/a"};
        results_.push_back({.scenario = &scenario_, .verdict = Verdict::pass, .took = std::chrono::milliseconds(1500)});
        results_.push_back(
            {.scenario = &scenario_,
             .verdict = Verdict::fail,
             .at = {"scenarios/amqp091/queue.yaml", 9},
             .message = "expected <a> & \"b\"\x01, got \xff",
             .transcript = {"main -> basic.get"},
             .shim_errors = "Traceback"}
        );
        results_.push_back({.scenario = &scenario_, .verdict = Verdict::unsupported, .message = "no time"});
        results_.push_back(
            {.scenario = &scenario_,
             .verdict = Verdict::expected_failure,
             .message = "m",
             .reason = "why",
             .link = "https://example.org"}
        );
    }

    report::Run run() const {
        return {
            .peer = "broker X 1",
            .command = "amqp-conformance broker amqp://h",
            .results = results_,
            .took = std::chrono::seconds(2),
        };
    }

    std::string text(TextOptions options) const {
        std::ostringstream out;
        TextReport report(out, options, "amqp-conformance broker amqp://h", results_.size());
        for (const auto& result : results_) {
            report.begin(*result.scenario);
            report.add(result);
        }
        report.summary(run());
        return out.str();
    }

    catalogue::Scenario scenario_;
    std::vector<Result> results_;
};

TEST_F(ReportTest, TextTellsWhatWentWrongAndHowToRepeatIt) {
    const auto all = text({});
    EXPECT_THAT(all, HasSubstr("    scenarios/amqp091/queue.yaml:9: expected <a>"));
    EXPECT_THAT(all, HasSubstr("      main -> basic.get\n"));
    EXPECT_THAT(all, HasSubstr("      Traceback\n"));
    EXPECT_THAT(all, HasSubstr("    repeat:  amqp-conformance broker amqp://h --select 'queue.x[1]'\n"));
    EXPECT_THAT(
        all, HasSubstr("broker X 1: 4 scenarios ran: 1 pass, 1 expected failure, 1 unsupported, 1 fail (2.0 s)\n")
    );
    EXPECT_THAT(all, Not(HasSubstr("\x1b")));
}

TEST_F(ReportTest, TextIsSilentAboutWhatIsAsExpectedUnlessTold) {
    const auto quiet = text({});
    EXPECT_THAT(quiet, Not(HasSubstr("pass             MUST")));
    EXPECT_THAT(quiet, Not(HasSubstr("no time")));
    const auto all = text({.lines = Lines::all});
    EXPECT_THAT(all, HasSubstr("pass             MUST      queue.x[1]\n"));
    EXPECT_THAT(all, HasSubstr("    no time\n"));
    EXPECT_THAT(all, HasSubstr("    expected: why (https://example.org)\n"));
}

TEST_F(ReportTest, TextTellsWarningsAndTraces) {
    results_[0].verdict = Verdict::warning;
    results_[0].message = "not good";
    results_[1].trace = "traces/x.trace";
    EXPECT_THAT(text({}), HasSubstr("warning          MUST      queue.x[1]\n    : not good\n"));
    EXPECT_THAT(text({}), HasSubstr("    trace:   simbroker trace show traces/x.trace\n"));
}

TEST_F(ReportTest, TextHasColourAndProgressOnlyWhenTold) {
    EXPECT_THAT(text({.colour = Colour::ansi}), HasSubstr("\x1b[1;31mfail"));
    EXPECT_THAT(text({.progress = Progress::line}), HasSubstr("\r\x1b[K[2/4] queue.x[1]"));
}

TEST(RepeatCommand, SelectsBeforeTheCommandOfAShim) {
    catalogue::Scenario scenario;
    scenario.id = "x";
    Result result{.scenario = &scenario};
    EXPECT_EQ(repeat_command("a client -- python3 shim.py", result), "a client --select 'x' -- python3 shim.py");
    result.repeat_with = "--cut 3";
    EXPECT_EQ(repeat_command("a client pika", result), "a client pika --select 'x' --cut 3");
}

TEST_F(ReportTest, JsonHoldsEverythingEvenOctetsThatAreNoText) {
    const auto report = nlohmann::json::parse(dump(to_json(run())));
    EXPECT_EQ(report.at("ran"), 4);
    EXPECT_EQ(report.at("as_expected"), false);
    EXPECT_EQ(report.at("results").at(0).at("verdict"), "pass");
    EXPECT_EQ(report.at("results").at(0).at("seconds"), 1.5);
    EXPECT_EQ(report.at("results").at(1).at("line"), 9);
    EXPECT_EQ(report.at("results").at(1).at("repeat"), "amqp-conformance broker amqp://h --select 'queue.x[1]'");
    EXPECT_EQ(report.at("results").at(3).at("deviation").at("link"), "https://example.org");
}

TEST_F(ReportTest, JunitCountsAndEscapes) {
    const auto xml = to_junit(run());
    EXPECT_THAT(
        xml,
        HasSubstr("<testsuite name=\"broker X 1\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\" time=\"1.500\">"
        )
    );
    EXPECT_THAT(xml, HasSubstr("<testcase classname=\"scenarios.amqp091.queue\" name=\"queue.x[1]\" time=\"1.500\">"));
    EXPECT_THAT(
        xml, HasSubstr("<failure message=\"expected &lt;a&gt; &amp; &quot;b&quot;\xef\xbf\xbd, got \xef\xbf\xbd\">")
    );
    EXPECT_THAT(xml, HasSubstr("<skipped message=\"no time\"/>"));
    EXPECT_THAT(xml, HasSubstr("<skipped message=\"expected failure: why (https://example.org)\"/>"));
}

TEST_F(ReportTest, MarkdownCountsByLevelAndTellsEachFailure) {
    results_[1].transcript = {"a ``` fence"};
    const auto text = to_markdown(run());
    EXPECT_THAT(text, HasSubstr("### \u274c broker X 1\n\n4 scenarios in 2.0 s.\n"));
    EXPECT_THAT(
        text, HasSubstr("| level | pass | expected failure | unsupported | fail |\n|---|---:|---:|---:|---:|\n")
    );
    EXPECT_THAT(text, HasSubstr("| MUST | 1 | 1 | 1 | 1 |\n| **all** | **1** | **1** | **1** | **1** |\n"));
    EXPECT_THAT(text, HasSubstr("<summary>fail <b>queue.x\\[1\\]</b> (MUST)</summary>"));
    EXPECT_THAT(text, HasSubstr("expected &lt;a> &amp; \"b\""));
    EXPECT_THAT(text, HasSubstr("````\na ``` fence\n````\n"));
    EXPECT_THAT(text, HasSubstr("```\namqp-conformance broker amqp://h --select 'queue.x[1]'\n```\n"));
    EXPECT_THAT(text, HasSubstr("| queue.x\\[1\\] | why | [link](https://example.org) |"));
    results_.resize(1);
    EXPECT_THAT(to_markdown(run()), HasSubstr("### \u2705 broker X 1"));
}

TEST_F(ReportTest, MarkdownOfADeadPeerStaysShort) {
    const auto failed = results_[1];
    results_.assign(1000, failed);
    const auto text = to_markdown(run());
    EXPECT_THAT(text, HasSubstr("... and 950 more."));
    EXPECT_LT(text.size(), std::size_t{1} << 20);
}

TEST_F(ReportTest, TheBadgeTellsWhatShareOfWhatCouldBeAskedPassed) {
    EXPECT_THAT(to_badge(run()), HasSubstr("aria-label=\"AMQP 0-9-1: 1 of 3 pass\""));
    EXPECT_THAT(to_badge(run()), HasSubstr("#b3261e"));
    results_.erase(results_.begin() + 1);
    EXPECT_THAT(to_badge(run()), HasSubstr("#8a6d00"));
    results_.resize(1);
    EXPECT_THAT(to_badge(run()), HasSubstr("#2d7d46"));
    results_.clear();
    EXPECT_THAT(to_badge(run()), HasSubstr("#b3261e"));
}

TEST(XmlText, ReplacesWhatXmlForbids) {
    EXPECT_EQ(xml_text("a\tb\nc"), "a\tb\nc");
    EXPECT_EQ(
        xml_text("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x87"), "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x87"
    );
    const std::string replacement = "\xef\xbf\xbd";
    for (const auto* bad : {"\x1b", "\x7f\x80", "\xc0\xaf", "\xed\xa0\x80", "\xef\xbf\xbe", "\xf5", "\xe2\x82"}) {
        EXPECT_THAT(xml_text(bad), HasSubstr(replacement)) << testing::PrintToString(std::string(bad));
    }
}

}  // namespace
}  // namespace conformance::report
