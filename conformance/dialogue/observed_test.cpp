// Asks the simulated broker every question of conformance/observed/ and compares with what real brokers answered.
//
//   answers-PRODUCT-VERSION.tsv   what the real one said
//   allowed-PRODUCT-VERSION.tsv   id<TAB>reason: where ours cannot or should not say the same; 20 at most
//   pending-PRODUCT-VERSION.tsv   id<TAB>reason: where ours does not say the same yet
//
// A difference that neither names fails, and so does a named one that is none any more. Both count towards the 20.
#include <gtest/gtest.h>

#include "conformance/dialogue/ask.hpp"
#include "conformance/dialogue/preparation.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::dialogue {
namespace {

using NamedQueues = PlayOptions::NamedQueues;

constexpr auto folder = "conformance/observed";
constexpr std::size_t most_allowed = 20;

struct Observation {
    std::string name;  // of the answers
    std::string profile;
    NamedQueues named_queues;
};

std::string file(const std::string& kind, const Observation& observation) {
    return std::string(folder) + "/" + kind + "-" + observation.name + ".tsv";
}

Answers read(const std::string& path) {
    auto lines = read_answers(path);
    EXPECT_TRUE(lines) << lines.error();
    return lines.value_or(Answers{});
}

Dialogues questions() {
    auto loaded = load_dialogues(folder);
    if (loaded) return std::move(*loaded);
    for (const auto& error : loaded.error()) ADD_FAILURE() << to_string(error);
    return {};
}

Asked ask_ours(const Dialogues& dialogues, const Observation& observation) {
    std::vector<const Dialogue*> all;
    for (const auto& dialogue : dialogues) all.push_back(&dialogue);
    // 4.3.6 was asked as upstream configures it; the older ones permit everything anyway.
    const simbroker::BrokerConfig base{
        .profile = *simbroker::profile::find(observation.profile),
        .deprecated_features = simbroker::DeprecatedFeatures::deny,
    };
    return ask_all(
        all,
        [base](const Dialogue& dialogue) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
            const auto config = configured(base, dialogue, {});
            if (!config) return std::unexpected(config.error());
            return std::make_unique<runner::SimulatedStage>(
                std::make_unique<simbroker::Broker>(*config, 0), step::Login{}
            );
        },
        {.play = {.named_queues = observation.named_queues}}
    );
}

void expect_no_other_differences(const Answers& asked, const Observation& observation) {
    const auto allowed = read(file("allowed", observation));
    const auto pending = read(file("pending", observation));
    EXPECT_LE(allowed.size() + pending.size(), most_allowed);
    std::set<std::string> different;
    for (const auto& difference : differences(asked, read(file("answers", observation)))) {
        different.insert(difference.id);
        if (allowed.contains(difference.id) || pending.contains(difference.id)) continue;
        ADD_FAILURE() << observation.name << " answers otherwise:\n" << to_string(difference);
    }
    for (const auto& list : {allowed, pending}) {
        for (const auto& [id, reason] : list) {
            EXPECT_TRUE(different.contains(id)) << id << " is answered alike now: take it off the list";
        }
    }
}

class Observed : public testing::TestWithParam<Observation> {};

TEST_P(Observed, IsAnsweredAlike) {
    const auto dialogues = questions();
    const auto asked = ask_ours(dialogues, GetParam());
    for (const auto& trouble : asked.troubles) ADD_FAILURE() << trouble;
    EXPECT_GT(asked.answers.size(), 900U);
    expect_no_other_differences(asked.answers, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Brokers,
    Observed,
    testing::Values(
        Observation{"rabbitmq-3.10.8", "rabbitmq-3.10", NamedQueues::as_written},
        Observation{"rabbitmq-4.0.5", "rabbitmq-4.0", NamedQueues::as_written},
        Observation{"rabbitmq-4.3.6", "rabbitmq-4.3", NamedQueues::durable}
    ),
    [](const auto& info) {
        auto name = info.param.name;
        std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
        return name;
    }
);

// The comparison itself must be able to fail.
TEST(ObservedAnswers, OfAnotherVersionDiffer) {
    const auto dialogues = questions();
    const Observation other{"rabbitmq-3.10.8", "rabbitmq-4.0", NamedQueues::as_written};
    const auto asked = ask_ours(dialogues, other);
    EXPECT_GT(differences(asked.answers, read(file("answers", other))).size(), 50U);
}

}  // namespace
}  // namespace conformance::dialogue
