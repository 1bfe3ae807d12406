#include <fmt/format.h>

#include "conformance/fuzz/made_case.hpp"
#include "conformance/fuzz/target.hpp"
#include "conformance/runner/aftermath.hpp"
#include "conformance/runner/run_scenario.hpp"
#include "conformance/step/verb.hpp"

namespace conformance::fuzz {

using catalogue::Scenario;
using runner::ClientStage;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t cases_between_checks = 16;
// How long nothing comes of a client until it is taken to be done. One that has only just been started, or that runs on
// somebody else's busy machine, may not even have connected in the time that is enough for one of many in a row.
constexpr auto patience_in_a_row = 3ms;
constexpr auto patience_alone = 300ms;

constexpr std::size_t most_memory_more = std::size_t{512} << 20;

class ClientThroughShim final : public Target {
public:
    ClientThroughShim(runner::ClientTarget client, simbroker::Seed seed, std::unique_ptr<ClientStage> stage)
        : client_(std::move(client)), seed_(seed) {
        take(std::move(stage));
    }

    Scenario make(std::uint64_t number) override { return made(number, patience_alone); }

    std::optional<Mishap> play(std::uint64_t first, std::uint64_t count) override {
        auto unchecked = first;
        for (auto number = first; number < first + count; ++number) {
            if (!stage_) {
                if (const auto trouble = start()) return Mishap{number, *trouble};
            }
            auto wrong = play_case(made(number, patience_in_a_row));
            const bool check = number + 1 == first + count || number + 1 - unchecked == cases_between_checks;
            if (!wrong && check) {
                wrong = check_sanity();
                if (wrong) number = culprit(unchecked, number);
                unchecked = number + 1;
            }
            if (!wrong) continue;
            stage_.reset();
            return Mishap{number, *wrong};
        }
        return {};
    }

    std::optional<std::string> play_alone(const Scenario& scenario) override {
        auto stage = ClientStage::start(client_, 1min);
        if (!stage) return stage.error();
        const auto before = (*stage)->shim_memory();
        const auto result = runner::run_scenario(**stage, scenario, {fmt::format("fuzz.{}", ++played_)});
        if (result.verdict == runner::Verdict::fail) return result.message + last_line(result.shim_errors);
        return too_much(before, (*stage)->shim_memory());
    }

private:
    Scenario made(std::uint64_t number, simbroker::Duration quiet) const {
        return client_case({.seed = seed_, .number = number, .quiet = quiet}, operations_);
    }

    void take(std::unique_ptr<ClientStage> stage) {
        stage_ = std::move(stage);
        operations_ = stage_->operations();
        memory_ = stage_->shim_memory();
    }

    std::optional<std::string> start() {
        auto stage = ClientStage::start(client_, 1min);
        if (!stage) return stage.error();
        take(std::move(*stage));
        return {};
    }

    step::Conversation converse() {
        step::Variables variables;
        variables.set_built_in("id", fmt::format("fuzz.{}", ++played_));
        stage_->take_arrivals();
        return {*stage_, catalogue::Role::client, std::move(variables)};
    }

    // Without the check afterwards, which ends the shim.
    std::optional<std::string> play_case(const Scenario& scenario) {
        auto conversation = converse();
        for (const auto& each : scenario.steps) {
            auto done = step::run_step(conversation, each);
            if (!done && done.error().kind == step::Trouble::Kind::fail)
                return done.error().text + last_line(stage_->shim_errors());
        }
        for (auto& line : conversation.lines()) {
            if (!line.ended) conversation.drop(line);
        }
        stage_->clear_faults();
        return {};
    }

    std::optional<std::string> check_sanity() {
        auto conversation = converse();
        stage_->clear_faults();
        const auto sane = runner::client_sanity(conversation);
        if (!sane) return sane.error().text + last_line(stage_->shim_errors());
        return too_much(memory_, stage_->shim_memory());
    }

    // The first of these cases that goes wrong alone, or the last of them: together they do.
    std::uint64_t culprit(std::uint64_t first, std::uint64_t last) {
        for (auto number = first; number < last; ++number) {
            if (play_alone(make(number))) return number;
        }
        return last;
    }

    static std::optional<std::string> too_much(std::size_t before, std::size_t now) {
        if (now <= before + most_memory_more) return {};
        return fmt::format("its memory grew from {} to {} MiB", before >> 20, now >> 20);
    }

    // Of a traceback: what was raised.
    static std::string last_line(std::string errors) {
        while (errors.ends_with('\n')) errors.pop_back();
        if (errors.empty()) return {};
        return "; " + errors.substr(errors.rfind('\n') + 1);
    }

    runner::ClientTarget client_;
    simbroker::Seed seed_;
    std::unique_ptr<ClientStage> stage_;
    std::vector<std::string> operations_;
    std::size_t memory_ = 0;
    std::uint64_t played_ = 0;
};

}  // namespace

std::expected<std::unique_ptr<Target>, std::string> client_through_shim(
    runner::ClientTarget client, simbroker::Seed seed
) {
    auto stage = ClientStage::start(client, 1min);
    if (!stage) return std::unexpected(stage.error());
    return std::make_unique<ClientThroughShim>(std::move(client), seed, std::move(*stage));
}

}  // namespace conformance::fuzz
