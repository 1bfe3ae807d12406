// A scenario of role client that a client passes which does nothing at all asks nothing. Here are such clients, against
// every one of them: each has to be red, or say that it cannot be asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "conformance/runner/client_stage.hpp"
#include "conformance/runner/simulated_run.hpp"

namespace conformance::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view operations =
    R"("connect","close","channel.open","channel.close","exchange.declare","exchange.delete","exchange.bind",)"
    R"("exchange.unbind","queue.declare","queue.bind","queue.unbind","queue.purge","queue.delete","basic.qos",)"
    R"("basic.publish","basic.consume","basic.cancel","basic.get","basic.ack","basic.nack","basic.reject",)"
    R"("basic.recover","confirm.select","confirm.asynchronous","tx.select","tx.commit","tx.rollback","wait",)"
    R"("concurrent","recovery")";

struct DeadClient {
    std::string name;
    std::string does;  // in the shell, after its hello
};

void PrintTo(const DeadClient& client, std::ostream* out) { *out << client.name; }

std::vector<std::string> command_of(const DeadClient& client) {
    const auto hello = R"({"hello":{"contract":1,"library":"dead","version":"0","language":"sh","operations":[)" +
                       std::string(operations) + "]}}";
    return {"sh", "-c", "echo '" + hello + "'; " + client.does};
}

// Nobody has to be waited for who will not answer.
void be_impatient(std::vector<catalogue::Step>& steps) {
    for (auto& step : steps) {
        step.modifiers.erase("within");
        be_impatient(step.steps);
    }
}

Result run_against(const DeadClient& client, catalogue::Scenario& scenario) {
    be_impatient(scenario.steps);
    const auto stage = ClientStage::start({.command = command_of(client), .config = {}, .broken = {}}, 10s);
    if (!stage) return {.scenario = &scenario, .verdict = Verdict::inconclusive, .message = stage.error()};
    return run_scenario(**stage, scenario, {.prefix = "teeth", .patience = 50ms});
}

class ADeadClient : public ::testing::TestWithParam<DeadClient> {};

TEST_P(ADeadClient, PassesNothing) {
    std::vector<catalogue::Scenario> scenarios;
    for (const auto& scenario : testing::the_catalogue().scenarios) {
        if (scenario.under_test == catalogue::Role::client) scenarios.push_back(scenario);
    }
    ASSERT_GT(scenarios.size(), 200U);
    std::vector<Verdict> verdicts(scenarios.size());
    std::atomic<std::size_t> next = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (auto at = next++; at < scenarios.size(); at = next++)
                    verdicts[at] = run_against(GetParam(), scenarios[at]).verdict;
            });
        }
    }
    for (std::size_t i = 0; i < scenarios.size(); ++i)
        EXPECT_EQ(to_string(verdicts[i]), to_string(Verdict::fail)) << scenarios[i].id;
}

INSTANTIATE_TEST_SUITE_P(
    Teeth,
    ADeadClient,
    ::testing::Values(
        DeadClient{"SaysNothing", "cat > /dev/null"},
        DeadClient{"Leaves", "exit 0"},
        DeadClient{"AgreesToEverything", R"(exec sed -u 's/.*"id":\([0-9]*\).*/{"id":\1,"result":{}}/')"},
        DeadClient{
            "RefusesEverything",
            R"(exec sed -u 's/.*"id":\([0-9]*\).*/{"id":\1,"error":{"kind":"connection_lost","code":null,"text":""}}/')"
        }
    ),
    [](const auto& info) { return info.param.name; }
);

}  // namespace
}  // namespace conformance::runner
