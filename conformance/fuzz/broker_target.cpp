#include <fmt/format.h>

#include <charconv>

#include "conformance/fuzz/made_case.hpp"
#include "conformance/fuzz/target.hpp"
#include "conformance/runner/run_scenario.hpp"
#include "conformance/runner/simulated_stage.hpp"

namespace conformance::fuzz {

using catalogue::Scenario;
using namespace std::chrono_literals;

namespace {

// What a broker must do whatever it is told: take a new connection, for one, so that the runner's own trouble is the
// broker's, too.
std::optional<std::string> play_on(step::Stage& stage, const Scenario& scenario, std::uint64_t number) {
    const auto result = runner::run_scenario(stage, scenario, {fmt::format("amqp-conformance.fuzz.{}", number)});
    const bool bad = result.verdict == runner::Verdict::fail || result.verdict == runner::Verdict::inconclusive;
    return bad ? std::optional(result.message) : std::nullopt;
}

class SimulatedBroker final : public Target {
public:
    SimulatedBroker(MachineMaker make, simbroker::Seed seed, Limits limits)
        : make_(std::move(make)), seed_(seed), limits_(limits) {}

    Scenario make(std::uint64_t number) override {
        return broker_case({.seed = seed_, .number = number, .internal_error_allowed = true});
    }

    // Lines: the number of a case as it begins, and after it what went wrong.
    std::optional<Mishap> play(std::uint64_t first, std::uint64_t count) override {
        const auto run = run_isolated(
            [&](const Say& say) {
                for (auto number = first; number < first + count; ++number) {
                    say(std::to_string(number));
                    const auto wrong = play_here(make(number), number);
                    if (!wrong) continue;
                    say(*wrong);
                    return;
                }
            },
            limits_
        );
        return mishap_of(run, first);
    }

    std::optional<std::string> play_alone(const Scenario& scenario) override {
        const auto run = run_isolated(
            [&](const Say& say) {
                say("0");
                if (const auto wrong = play_here(scenario, 0)) say(*wrong);
            },
            limits_
        );
        const auto mishap = mishap_of(run, 0);
        return mishap ? std::optional(mishap->text) : std::nullopt;
    }

private:
    std::optional<std::string> play_here(Scenario scenario, std::uint64_t number) const {
        scenario.cleanup = {};  // the broker goes with the case
        runner::SimulatedStage stage(make_(), step::Login{});
        return play_on(stage, scenario, number);
    }

    static std::optional<Mishap> mishap_of(const IsolatedRun& run, std::uint64_t first) {
        Mishap mishap{first, {}};
        for (std::size_t begin = 0; begin < run.said.size();) {
            const auto end = std::min(run.said.find('\n', begin), run.said.size());
            const auto* last = run.said.data() + end;
            const auto [rest, error] = std::from_chars(run.said.data() + begin, last, mishap.number);
            if (error != std::errc() || rest != last) {
                mishap.text = run.said.substr(begin, run.said.size() - begin - 1);
                break;
            }
            begin = end + 1;
        }
        if (run.death) mishap.text = "the broker's process: " + *run.death;
        return mishap.text.empty() ? std::nullopt : std::optional(mishap);
    }

    MachineMaker make_;
    simbroker::Seed seed_;
    Limits limits_;
};

class BrokerOverTcp final : public Target {
public:
    BrokerOverTcp(runner::TcpTarget tcp, simbroker::Seed seed) : tcp_(std::move(tcp)), seed_(seed) {}

    Scenario make(std::uint64_t number) override {
        return broker_case({.seed = seed_, .number = number, .quiet = 20ms});
    }

    std::optional<Mishap> play(std::uint64_t first, std::uint64_t count) override {
        for (auto number = first; number < first + count; ++number) {
            if (const auto wrong = play_alone(make(number))) return Mishap{number, *wrong};
        }
        return {};
    }

    std::optional<std::string> play_alone(const Scenario& scenario) override {
        runner::TcpStage stage(tcp_, 1min);
        return play_on(stage, scenario, played_++);
    }

private:
    runner::TcpTarget tcp_;
    simbroker::Seed seed_;
    std::uint64_t played_ = 0;
};

}  // namespace

std::unique_ptr<Target> simulated_broker(MachineMaker make, simbroker::Seed seed, Limits limits) {
    return std::make_unique<SimulatedBroker>(std::move(make), seed, limits);
}

std::unique_ptr<Target> broker_over_tcp(runner::TcpTarget tcp, simbroker::Seed seed) {
    return std::make_unique<BrokerOverTcp>(std::move(tcp), seed);
}

}  // namespace conformance::fuzz
