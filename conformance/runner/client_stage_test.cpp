// Clients under test, and clients that are broken on purpose (broken_pika_shim.py): scenarios have to notice.
#include "conformance/runner/client_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/runner/cut_run.hpp"
#include "conformance/runner/simulated_run.hpp"

namespace conformance::runner {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

const std::vector<std::string> pika{"conformance/shim/pika_shim.py"};

std::vector<std::string> broken_pika(const std::string& how) { return {"conformance/runner/broken_pika_shim.py", how}; }

Result run_client(const std::string& id, const std::vector<std::string>& command) {
    const auto stage = ClientStage::start({.command = command, .config = {}, .broken = {}}, 10s);
    const auto& scenario = testing::scenario_named(id);
    if (!stage) return {.scenario = &scenario, .verdict = Verdict::inconclusive, .message = stage.error()};
    return run_scenario(**stage, scenario, {.prefix = "test", .patience = 2s});
}

struct Breakage {
    std::string how;  // a function of broken_pika_shim.py
    std::string scenario;
    std::string message;
};

void PrintTo(const Breakage& breakage, std::ostream* out) { *out << breakage.how << ", " << breakage.scenario; }

class ABrokenClient : public ::testing::TestWithParam<Breakage> {};

TEST_P(ABrokenClient, TurnsTheScenarioRed) {
    const auto& [how, scenario, message] = GetParam();
    EXPECT_EQ(testing::outcome(run_client(scenario, pika)), "pass") << "the client that is not broken";
    const auto result = run_client(scenario, broken_pika(how));
    EXPECT_EQ(result.verdict, Verdict::fail) << how;
    EXPECT_THAT(result.message, HasSubstr(message));
}

INSTANTIATE_TEST_SUITE_P(
    Teeth,
    ABrokenClient,
    ::testing::Values(
        Breakage{"loses_the_last_octet", "client.publish.bodies[1]", "body: expected"},
        Breakage{"loses_properties", "client.properties", "properties"},
        Breakage{"hides_returns", "client.return", "expected the client to observe basic.return"},
        Breakage{"hides_cancellations", "client.cancelled-by-server", "expected the client to observe basic.cancel"},
        Breakage{"hides_blocking", "client.blocked", "expected the client to observe connection.blocked"},
        Breakage{"hides_errors", "client.channel-close.while-a-call-waits", "expected the error"},
        Breakage{"acknowledges_the_wrong_message", "client.settle", "basic.ack"},
        Breakage{"confirms_everything", "client.confirm.nacked", "expected the error"},
        Breakage{"ends_its_frames_wrongly", "client.get", "connect"},
        Breakage{"crashes_at_the_end", "client.connect", "the shim ended with exit status 1"},
        Breakage{"never_ends", "client.connect", "the shim does not exit when its input ends"},
        Breakage{"hangs_when_closing", "client.close", "close: no answer of the client within"},
        Breakage{"babbles", "client.connect", "a line outside the contract (it is no JSON object): connecting"}
    ),
    [](const auto& info) { return info.param.how; }
);

// A scenario under --wire cut-each-step.
Result cut_client(
    const std::string& id, const std::vector<std::string>& command, std::optional<std::size_t> only = {}
) {
    const auto start = [&] {
        return ClientStage::start(
            {.command = command, .config = {}, .wire = WireMode::cut_each_step, .broken = {}}, 10s
        );
    };
    return run_cuts(testing::scenario_named(id), start, {.prefix = "test", .patience = 2s}, only);
}

TEST(CutRun, OfAClientThatTakesItsLossesPasses) { EXPECT_EQ(testing::outcome(cut_client("client.get", pika)), "pass"); }

struct Clumsiness {
    std::string how;      // a function of broken_pika_shim.py
    std::string message;  // a regular expression
};

void PrintTo(const Clumsiness& clumsiness, std::ostream* out) { *out << clumsiness.how; }

class AClientThatCannotLose : public ::testing::TestWithParam<Clumsiness> {};

TEST_P(AClientThatCannotLose, IsFoundByCutting) {
    const auto result = cut_client("client.get", broken_pika(GetParam().how));
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_THAT(result.message, ::testing::ContainsRegex(GetParam().message));
    EXPECT_THAT(result.repeat_with, ::testing::StartsWith("--cut "));
}

INSTANTIATE_TEST_SUITE_P(
    Teeth,
    AClientThatCannotLose,
    ::testing::Values(
        Clumsiness{"hangs_when_cut_off", "still waits 2s later|no answer of the client"},
        Clumsiness{"crashes_when_cut_off", "the shim (ended|takes no more)"},
        Clumsiness{"never_notices_that_it_is_cut_off", "says that it has opened a channel since"},
        Clumsiness{"stays_lost_when_cut_off", "afterwards: connect"}
    ),
    [](const auto& info) { return info.param.how; }
);

TEST(CutRun, SaysThatThereIsNoSuchFrame) {
    EXPECT_EQ(testing::outcome(cut_client("client.get", pika, 1000)), "inconclusive: the scenario has no frame 1000");
}

class AWireMode : public ::testing::TestWithParam<WireMode> {};

TEST_P(AWireMode, ChangesNothingForAClientThatReadsItsFrames) {
    for (const auto* id : {"client.get", "client.settle", "client.confirm"}) {
        const auto stage = ClientStage::start({.command = pika, .config = {}, .wire = GetParam(), .broken = {}}, 10s);
        ASSERT_TRUE(stage) << stage.error();
        EXPECT_EQ(testing::outcome(run_scenario(**stage, testing::scenario_named(id), {.prefix = "test"})), "pass")
            << id;
    }
}

INSTANTIATE_TEST_SUITE_P(All, AWireMode, ::testing::Values(WireMode::split, WireMode::coalesce));

TEST(ClientStage, KnowsTheClientByItsHello) {
    const auto stage = ClientStage::start({.command = pika, .config = {}, .broken = {}}, 1s);
    ASSERT_TRUE(stage) << stage.error();
    EXPECT_EQ((*stage)->hello().library, "pika");
    EXPECT_FALSE((*stage)->hello().version.empty());
    EXPECT_THAT((*stage)->operations(), Contains("queue.declare"));
}

TEST(ClientStage, HearsWhatALauncherPreparesBeforeTheHello) {
    std::vector<std::string> heard;
    const auto listen = [&heard](const std::string& what) { heard.push_back(what); };
    const ClientTarget slow{
        .command = broken_pika("is_prepared_first"), .config = {}, .broken = {}, .on_preparing = listen
    };
    const auto stage = ClientStage::start(slow, 1s);
    ASSERT_TRUE(stage) << stage.error();
    EXPECT_EQ((*stage)->hello().library, "pika");
    EXPECT_EQ(heard, (std::vector<std::string>{"pip-pika", "a venv"}));
}

TEST(ClientStage, NeedsAHello) {
    const auto stage = ClientStage::start({.command = broken_pika("says_no_hello"), .config = {}, .broken = {}}, 1s);
    ASSERT_FALSE(stage);
    EXPECT_THAT(stage.error(), HasSubstr("the shim does not say hello: got pika"));
    const auto ends = ClientStage::start({.command = {"true"}, .config = {}, .broken = {}}, 1s);
    ASSERT_FALSE(ends);
    EXPECT_THAT(ends.error(), HasSubstr("it ended with exit status 0"));
    const auto nothing = ClientStage::start({.command = {"/no/such/shim"}, .config = {}, .broken = {}}, 1s);
    ASSERT_FALSE(nothing);
    EXPECT_THAT(nothing.error(), HasSubstr("/no/such/shim: No such file or directory"));
}

TEST(ClientStage, WhatTheShimLacksIsUnsupported) {
    auto scenario = testing::scenario_named("client.connect");
    scenario.requires_ = {"time.travel"};
    const auto stage = ClientStage::start({.command = pika, .config = {}, .broken = {}}, 1s);
    ASSERT_TRUE(stage) << stage.error();
    EXPECT_EQ(
        testing::outcome(run_scenario(**stage, scenario, {.prefix = "x"})),
        "unsupported: the shim has no operation time.travel"
    );
}

TEST(ShimProcess, TellsHowItEnded) {
    for (const auto& [command, end] : {std::pair{"exit 3", "exit status 3"}, std::pair{"kill -SEGV $$", "signal 11"}}) {
        auto process = ShimProcess::start({"sh", "-c", std::string("echo one; echo two; echo oops >&2; ") + command});
        ASSERT_TRUE(process) << process.error();
        for (int i = 0; i < 1000 && !process->ended(); ++i) {
            auto waiting = process->descriptors();
            ASSERT_GE(::poll(waiting.data(), waiting.size(), 5000), 0);
            process->serve();
        }
        EXPECT_EQ(process->ended(), end);
        EXPECT_THAT(process->take_lines(), ::testing::ElementsAre("one", "two"));
        EXPECT_EQ(process->errors(), "oops\n");
        EXPECT_FALSE(process->send_line("anybody there"));
    }
}

TEST(ShimProcess, CarriesMoreThanASocketHolds) {
    auto process = ShimProcess::start({"cat"});
    ASSERT_TRUE(process) << process.error();
    const std::string line(3 << 20, 'x');
    ASSERT_TRUE(process->send_line(line));
    process->end_input();
    std::vector<std::string> lines;
    for (int i = 0; i < 100000 && !process->ended(); ++i) {
        auto waiting = process->descriptors();
        ASSERT_GE(::poll(waiting.data(), waiting.size(), 5000), 0);
        process->serve();
        for (auto& each : process->take_lines()) lines.push_back(std::move(each));
    }
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0], line);
}

}  // namespace
}  // namespace conformance::runner
