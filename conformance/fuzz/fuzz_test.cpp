// The fuzzer has to find what is planted, within a bounded number of cases, and its findings have to be scenarios that
// show it again.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "conformance/fuzz/campaign.hpp"
#include "conformance/fuzz/made_case.hpp"
#include "conformance/fuzz/save.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::fuzz {
namespace {

using simbroker::Outputs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A broker with a mistake: what is planted sees the octets first.
class Mutant final : public simbroker::Machine {
public:
    using Mistake = std::function<bool(codec::wire::BytesView)>;  // whether the broker still hears them

    explicit Mutant(Mistake mistake) : mistake_(std::move(mistake)) {}

    Outputs handle(simbroker::Instant now, const simbroker::Input& input) override {
        const auto* received = std::get_if<simbroker::Received>(&input);
        if (received != nullptr && !mistake_(received->bytes)) return {};
        return broker_.handle(now, input);
    }
    std::optional<simbroker::Instant> next_deadline() const override { return broker_.next_deadline(); }

private:
    Mistake mistake_;
    simbroker::Broker broker_{{}, 0};
};

bool claims_four_gigabytes(codec::wire::BytesView octets) {
    return octets.size() >= 7 && octets[0] == 1 && octets[3] == 0xff && octets[4] == 0xff && octets[5] == 0xff;
}

struct Fuzzing : testing::Test {
    std::string folder = testing::TempDir() + "fuzz-test-XXXXXX";

    void SetUp() override { ASSERT_NE(::mkdtemp(folder.data()), nullptr); }
    void TearDown() override { std::filesystem::remove_all(folder); }

    CampaignResult fuzz(const Mutant::Mistake& mistake, std::size_t plays = 0, std::uint64_t cases = 2000) {
        const Limits limits{.silence = std::chrono::seconds(3), .memory = std::size_t{256} << 20};
        return run_campaign(
            [&] { return simulated_broker([mistake] { return std::make_unique<Mutant>(mistake); }, 1, limits); },
            {.cases = cases, .most_plays = plays, .folder = folder, .peer = "mutant"}
        );
    }

    static std::string contents(const std::filesystem::path& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
};

TEST_F(Fuzzing, FindsNothingInTheBrokerItself) {
    const auto result = fuzz([](auto) { return true; }, 0, 300);
    EXPECT_THAT(result.found, IsEmpty());
    EXPECT_THAT(result.troubles, IsEmpty());
    EXPECT_EQ(result.played, 300U);
}

TEST_F(Fuzzing, FindsACrashAndSavesItAsAScenarioThatCrashes) {
    const auto result = fuzz(
        [](auto octets) {
            if (claims_four_gigabytes(octets)) ::abort();
            return true;
        },
        400
    );
    ASSERT_THAT(result.found, SizeIs(1));
    const auto& found = result.found.front();
    EXPECT_THAT(found.text, HasSubstr("signal 6"));
    ASSERT_TRUE(found.alone);
    EXPECT_THAT(*found.alone, HasSubstr("signal 6"));
    const auto yaml = contents(found.file);
    // One frame is enough, and of that one the beginning.
    EXPECT_EQ(yaml.find("send_bytes"), yaml.rfind("send_bytes")) << yaml;
    EXPECT_THAT(result.troubles, IsEmpty());
}

TEST_F(Fuzzing, FindsAnEndlessLoop) {
    const auto result = fuzz([](auto octets) {
        for (volatile bool forever = claims_four_gigabytes(octets); forever;) {
        }
        return true;
    });
    ASSERT_THAT(result.found, SizeIs(1));
    EXPECT_THAT(result.found.front().text, HasSubstr("no end within 3000 ms"));
}

TEST_F(Fuzzing, FindsMemoryThatIsTakenByClaim) {
    const auto result = fuzz([](auto octets) {
        if (claims_four_gigabytes(octets)) std::vector<char>(std::size_t{1} << 32).front() = 1;
        return true;
    });
    ASSERT_THAT(result.found, SizeIs(1));
    EXPECT_THAT(result.found.front().text, HasSubstr("bad_alloc"));
}

TEST_F(Fuzzing, FindsABrokerThatIsDeafAfterwards) {
    const auto result = fuzz([deaf = std::make_shared<bool>(false)](auto octets) {
        *deaf = *deaf || claims_four_gigabytes(octets);
        return !*deaf;
    });
    ASSERT_THAT(result.found, SizeIs(1));
    EXPECT_THAT(result.found.front().text, HasSubstr("afterwards: "));
}

TEST_F(Fuzzing, FindsAClientThatDiesOfWhatItDoesNotKnow) {
    const runner::ClientTarget client{
        .command = {"conformance/runner/broken_pika_shim.py", "dies_of_unknown_frames"}, .config = {}, .broken = {}
    };
    const auto result = run_campaign(
        [&] { return client_through_shim(client, 1); },
        {.cases = 500, .most_plays = 10, .folder = folder, .peer = "broken-pika"}
    );
    ASSERT_THAT(result.found, SizeIs(1));
    EXPECT_THAT(result.found.front().text, HasSubstr("a crash on purpose"));
    EXPECT_TRUE(result.found.front().alone) << result.found.front().text;
    EXPECT_THAT(result.troubles, IsEmpty());
}

TEST(FuzzCases, AreTheSameForTheSameSeedAndNumber) {
    const std::vector<std::string> operations{"queue.declare", "basic.get", "basic.consume", "basic.publish"};
    for (std::uint64_t number = 0; number < 50; ++number) {
        const CaseOptions options{.seed = 3, .number = number};
        EXPECT_EQ(to_yaml(broker_case(options)), to_yaml(broker_case(options)));
        EXPECT_EQ(to_yaml(client_case(options, operations)), to_yaml(client_case(options, operations)));
    }
    EXPECT_NE(to_yaml(broker_case({.seed = 3, .number = 1})), to_yaml(broker_case({.seed = 3, .number = 2})));
    EXPECT_NE(to_yaml(broker_case({.seed = 3, .number = 1})), to_yaml(broker_case({.seed = 4, .number = 1})));
}

TEST_F(Fuzzing, MakesScenariosThatTheLoaderTakes) {
    const std::vector<std::string> operations{"channel.open", "queue.declare", "basic.get", "basic.consume", "close"};
    for (std::uint64_t number = 0; number < 100; ++number) {
        for (auto scenario :
             {broker_case({.seed = 5, .number = number}), client_case({.seed = 5, .number = number}, operations)}) {
            scenario.notes = "made in a test";
            const auto path = std::filesystem::path(folder) / "scenario.yaml";
            std::ofstream(path) << to_yaml(scenario);
            std::vector<catalogue::LoadError> errors;
            const auto loaded = catalogue::load_scenarios(path, "scenario.yaml", {}, errors);
            for (const auto& error : errors) ADD_FAILURE() << to_string(error) << "\n" << to_yaml(scenario);
            ASSERT_THAT(loaded, SizeIs(1));
            EXPECT_THAT(loaded.front().steps, SizeIs(scenario.steps.size()));
        }
    }
}

}  // namespace
}  // namespace conformance::fuzz
