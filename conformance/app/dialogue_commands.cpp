// ask: which broker, which dialogues, and what becomes of the answers.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/dialogue/ask.hpp"
#include "conformance/dialogue/preparation.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::app {

namespace {

using namespace dialogue;

constexpr auto most_real_time = std::chrono::minutes(1);

bool selected(const std::vector<std::string>& globs, const std::string& id) {
    return globs.empty() ||
           std::ranges::any_of(globs, [&](const auto& glob) { return ::fnmatch(glob.c_str(), id.c_str(), 0) == 0; });
}

using Chosen = std::vector<const Dialogue*>;
using Stage = std::unique_ptr<step::Stage>;

std::expected<StageMaker, std::string> simulated_stages(const AskArguments& arguments) {
    const auto* profile = simbroker::profile::find(arguments.profile);
    if (profile == nullptr) return std::unexpected(fmt::format("--profile: '{}' is no profile", arguments.profile));
    const simbroker::BrokerConfig base{
        .profile = *profile,
        .deprecated_features =
            arguments.deny_deprecated ? simbroker::DeprecatedFeatures::deny : simbroker::DeprecatedFeatures::permit,
    };
    return [base, seed = arguments.seed](const Dialogue& dialogue) -> std::expected<Stage, std::string> {
        const auto config = configured(base, dialogue, {});
        if (!config) return std::unexpected(config.error());
        return std::make_unique<runner::SimulatedStage>(
            std::make_unique<simbroker::Broker>(*config, seed), step::Login{}
        );
    };
}

// A running broker cannot be asked everything: some has to be done by its operator, some is in its configuration file.
Chosen possible(const Chosen& chosen, const AskArguments& arguments) {
    Chosen left;
    for (const auto* dialogue : chosen) {
        const auto demands = demands_of(*dialogue);
        if (demands.an_operator && arguments.operator_command.empty()) continue;
        if (demands.other_configuration && !arguments.configured) continue;
        left.push_back(dialogue);
    }
    if (left.size() < chosen.size()) {
        std::cerr << fmt::format(
            "amqp-conformance: {} not asked, they need --operator or --configured\n", chosen.size() - left.size()
        );
    }
    return left;
}

// Prepares the broker for the dialogues, each operation once, and undoes it all in the end.
class Preparation {
public:
    explicit Preparation(runner::TcpStage stage) : stage_(std::move(stage)) {}
    ~Preparation() {
        for (const auto& operation : done_) {
            for (const auto& undoing : undone(simbroker::Operate{operation})) (void)stage_.operate(undoing);
        }
    }
    Preparation(const Preparation&) = delete;

    step::Outcome prepare(const Dialogue& dialogue) {
        const auto operations = operations_before(dialogue, stage_.login());
        if (!operations) return step::inconclusive(operations.error());
        for (const auto& operation : *operations) {
            if (std::ranges::find(done_, operation) != done_.end()) continue;
            if (const auto done = stage_.operate(simbroker::Operate{operation}); !done) return done;
            done_.push_back(operation);
        }
        return {};
    }

private:
    runner::TcpStage stage_;
    std::vector<simbroker::Operation> done_;
};

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

Status ask_over_tcp(const AskArguments& arguments, const Chosen& chosen, AskOptions options) {
    auto target = runner::TcpTarget::parse(arguments.target);
    if (!target) return refuse(target.error());
    if (!arguments.operator_command.empty()) target->operator_command.emplace(arguments.operator_command);
    options.aftermath = AskOptions::Aftermath::clean_up;
    const auto asked = possible(chosen, arguments);
    Preparation preparation(runner::TcpStage(*target, most_real_time));
    for (const auto* dialogue : asked) {
        if (const auto done = preparation.prepare(*dialogue); !done) return refuse(done.error().text);
    }
    const auto make_stage = [&](const Dialogue&) -> std::expected<Stage, std::string> {
        return std::make_unique<runner::TcpStage>(*target, most_real_time);
    };
    return report(arguments, ask_all(asked, make_stage, options));
}

}  // namespace

Status ask(const AskArguments& arguments) {
    const auto loaded = load_dialogues(arguments.dialogues);
    if (!loaded) {
        for (const auto& error : loaded.error()) std::cerr << to_string(error) << "\n";
        return Status::nothing_ran;
    }
    Chosen chosen;
    for (const auto& dialogue : *loaded) {
        if (selected(arguments.select, dialogue.id)) chosen.push_back(&dialogue);
    }
    if (chosen.empty()) return refuse("no dialogue is selected");
    using NamedQueues = PlayOptions::NamedQueues;
    AskOptions options{
        .play = {.named_queues = arguments.durable_queues ? NamedQueues::durable : NamedQueues::as_written},
        .jobs = arguments.jobs,
    };
    if (!arguments.target.empty()) return ask_over_tcp(arguments, chosen, options);
    const auto make_stage = simulated_stages(arguments);
    if (!make_stage) return refuse(make_stage.error());
    return report(arguments, ask_all(chosen, *make_stage, options));
}

}  // namespace conformance::app
