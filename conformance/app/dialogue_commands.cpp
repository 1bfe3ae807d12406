// ask: which broker, which dialogues, and what becomes of the answers.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/dialogue/ask.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::app {

namespace {

using namespace dialogue;

constexpr auto most_real_time = std::chrono::minutes(1);

Status refuse(const std::string& why) {
    std::cerr << "amqp-conformance: " << why << "\n";
    return Status::nothing_ran;
}

bool selected(const std::vector<std::string>& globs, const std::string& id) {
    return globs.empty() ||
           std::ranges::any_of(globs, [&](const auto& glob) { return ::fnmatch(glob.c_str(), id.c_str(), 0) == 0; });
}

std::expected<StageMaker, std::string> stages_of(const AskArguments& arguments) {
    if (arguments.target.empty()) {
        const auto* profile = simbroker::profile::find(arguments.profile);
        if (profile == nullptr) {
            return std::unexpected(fmt::format("--profile: '{}' is no profile", arguments.profile));
        }
        const simbroker::BrokerConfig config{
            .profile = *profile,
            .deprecated_features =
                arguments.deny_deprecated ? simbroker::DeprecatedFeatures::deny : simbroker::DeprecatedFeatures::permit,
        };
        return [config,
                seed = arguments.seed](const Dialogue&) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
            return std::make_unique<runner::SimulatedStage>(
                std::make_unique<simbroker::Broker>(config, seed), step::Login{}
            );
        };
    }
    const auto target = runner::TcpTarget::parse(arguments.target);
    if (!target) return std::unexpected(target.error());
    return [target = *target](const Dialogue&) -> std::expected<std::unique_ptr<step::Stage>, std::string> {
        return std::make_unique<runner::TcpStage>(target, most_real_time);
    };
}

std::string as_lines(const Answers& answers) {
    std::string text;
    for (const auto& [id, answer] : answers) text += fmt::format("{}\t{}\n", id, answer);
    return text;
}

Status compare(const AskArguments& arguments, const Answers& asked) {
    const auto observed = read_answers(arguments.answers);
    if (!observed) return refuse(observed.error());
    const auto different = differences(asked, *observed);
    for (const auto& difference : different) std::cout << to_string(difference);
    std::cout << fmt::format("{} asked, {} differ\n", asked.size(), different.size());
    return different.empty() ? Status::as_expected : Status::not_as_expected;
}

Status report(const AskArguments& arguments, const Asked& asked) {
    for (const auto& trouble : asked.troubles) std::cerr << "amqp-conformance: " << trouble << "\n";
    if (!arguments.answers.empty()) return compare(arguments, asked.answers);
    if (arguments.write.empty()) {
        std::cout << as_lines(asked.answers);
    } else if (std::ofstream file(arguments.write); !(file << as_lines(asked.answers) << std::flush)) {
        return refuse(arguments.write + " cannot be written");
    }
    return asked.troubles.empty() ? Status::as_expected : Status::not_as_expected;
}

}  // namespace

Status ask(const AskArguments& arguments) {
    const auto loaded = load_dialogues(arguments.dialogues);
    if (!loaded) {
        for (const auto& error : loaded.error()) std::cerr << to_string(error) << "\n";
        return Status::nothing_ran;
    }
    std::vector<const Dialogue*> chosen;
    for (const auto& dialogue : *loaded) {
        if (selected(arguments.select, dialogue.id)) chosen.push_back(&dialogue);
    }
    if (chosen.empty()) return refuse("no dialogue is selected");
    const auto make_stage = stages_of(arguments);
    if (!make_stage) return refuse(make_stage.error());
    using NamedQueues = PlayOptions::NamedQueues;
    const AskOptions options{
        .play = {.named_queues = arguments.durable_queues ? NamedQueues::durable : NamedQueues::as_written},
        .jobs = arguments.jobs,
        .aftermath = arguments.target.empty() ? AskOptions::Aftermath::leave : AskOptions::Aftermath::clean_up,
    };
    return report(arguments, ask_all(chosen, *make_stage, options));
}

}  // namespace conformance::app
