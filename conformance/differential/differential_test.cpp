#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/differential/campaign.hpp"
#include "conformance/differential/shrink.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::differential {
namespace {

using dialogue::Act;
using dialogue::Dialogue;
using dialogue::Verb;
using nlohmann::json;
using testing::HasSubstr;
using Machines = std::function<std::unique_ptr<simbroker::Machine>()>;

Side side(const std::string& name, Machines make_machine) {
    return {name, [make_machine]() -> std::expected<std::unique_ptr<step::Stage>, std::string> {
                return std::make_unique<runner::SimulatedStage>(make_machine(), step::Login{});
            }};
}

std::unique_ptr<simbroker::Machine> broker_of(const char* profile) {
    return std::make_unique<simbroker::Broker>(
        simbroker::BrokerConfig{.profile = *simbroker::profile::find(profile)}, 0
    );
}

Side simulated(const char* profile) {
    return side(profile, [profile] { return broker_of(profile); });
}

// A broker that forgets to answer queue.purge.
class NeverPurges final : public simbroker::Machine {
public:
    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override {
        auto outputs = broker_->handle(now, input);
        std::erase_if(outputs, [](const simbroker::Output& output) {
            const auto* send = std::get_if<simbroker::Send>(&output);
            if (send == nullptr || send->bytes.size() < 11) return false;
            const auto octets = codec::wire::BytesView(send->bytes).subspan(7, 4);
            return octets[1] == 50 && octets[3] == 31;
        });
        return outputs;
    }
    std::optional<simbroker::Instant> next_deadline() const override { return broker_->next_deadline(); }

private:
    std::unique_ptr<simbroker::Machine> broker_ = broker_of("rabbitmq-3.10");
};

TEST(Sequences, AreTheSameForTheSameSeedAndNumber) {
    const auto one = make_sequence({.seed = 7, .number = 3});
    EXPECT_EQ(one.acts, make_sequence({.seed = 7, .number = 3}).acts);
    EXPECT_NE(one.acts, make_sequence({.seed = 7, .number = 4}).acts);
    EXPECT_NE(one.acts, make_sequence({.seed = 8, .number = 3}).acts);
    const auto operations = std::ranges::count_if(one.acts, [](const Act& act) {
        return act.verb != Verb::connect && act.verb != Verb::settle;
    });
    EXPECT_GE(operations, 40);
}

TEST(Campaign, FindsNothingBetweenEqualBrokers) {
    const auto result =
        run_campaign(simulated("rabbitmq-3.10"), simulated("rabbitmq-3.10"), {.seed = 1, .sequences = 40});
    EXPECT_EQ(result.played, 40U);
    EXPECT_TRUE(result.found.empty());
    EXPECT_TRUE(result.races.empty());
    EXPECT_THAT(result.troubles, testing::IsEmpty());
}

// A sequence that only provokes errors would compare little.
TEST(Sequences, DoMostThingsABrokerCan) {
    std::string all;
    for (std::uint64_t number = 0; number < 600; ++number) {
        const auto stage = simulated("rabbitmq-3.10").make_stage();
        all += dialogue::play(**stage, make_sequence({.seed = 1, .number = number})).value() + "\n";
    }
    for (const auto* wanted :
         {"basic.deliver(",
          "redelivered=true",
          "basic.get-ok(",
          "basic.return(",
          "basic.cancel(",
          "confirmed ",
          "refused ",
          "tx.commit-ok",
          "basic.recover-ok",
          "x-death",
          "channel.close(reply_code=404",
          "channel.close(reply_code=405",
          "channel.close(reply_code=406",
          "connection.close(reply_code=501",
          "connection.close(reply_code=503",
          "connection.close(reply_code=505",
          "in frames of"}) {
        EXPECT_TRUE(all.contains(wanted)) << wanted;
    }
    EXPECT_FALSE(all.contains("no answer to the fence"));
}

TEST(Campaign, FindsAndShrinksADifference) {
    const auto wrong = side("wrong", [] { return std::make_unique<NeverPurges>(); });
    const auto result = run_campaign(simulated("rabbitmq-3.10"), wrong, {.seed = 1, .sequences = 100});
    ASSERT_EQ(result.found.size(), 1U);
    const auto& found = result.found[0];
    EXPECT_THAT(found.first, HasSubstr("queue.purge-ok"));
    EXPECT_THAT(found.second, testing::Not(HasSubstr("queue.purge-ok")));
    std::vector<std::string> methods;
    for (const auto& act : found.shortest.acts) {
        if (act.verb == Verb::send) methods.push_back(act.argument.begin().key());
    }
    EXPECT_THAT(methods, testing::ElementsAre("queue.declare", "queue.purge"));
    EXPECT_EQ(found.shortest.acts.size(), 5U) << to_yaml(found.shortest);  // connect, and each with its settle
}

TEST(Campaign, FindsWhatTwoVersionsDoDifferently) {
    const auto result =
        run_campaign(simulated("rabbitmq-3.10"), simulated("rabbitmq-4.3"), {.seed = 1, .sequences = 200});
    ASSERT_EQ(result.found.size(), 1U);
    EXPECT_LE(result.found[0].shortest.acts.size(), 9U) << to_yaml(result.found[0].shortest);
}

TEST(Shrink, LeavesOutWhatIsNotNeeded) {
    Dialogue dialogue;
    for (int i = 0; i < 20; ++i) {
        dialogue.acts.push_back({Verb::send, json{{"basic.qos", {{"prefetch_count", i}, {"global", true}}}}, 1, {}});
    }
    const auto count = [](const json& argument) { return argument.at("basic.qos").value("prefetch_count", -1); };
    const auto shortest = shrink(dialogue, [&](const Dialogue& candidate) {
        return std::ranges::any_of(candidate.acts, [&](const Act& act) { return count(act.argument) == 7; }) &&
               std::ranges::any_of(candidate.acts, [&](const Act& act) { return count(act.argument) == 13; });
    });
    ASSERT_EQ(shortest.acts.size(), 2U);
    EXPECT_EQ(shortest.acts[0].argument, (json{{"basic.qos", {{"prefetch_count", 7}}}}));
    EXPECT_EQ(shortest.acts[1].argument, (json{{"basic.qos", {{"prefetch_count", 13}}}}));
}

}  // namespace
}  // namespace conformance::differential
