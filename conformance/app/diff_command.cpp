// diff: two brokers, random sequences, and what they answer differently.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/differential/campaign.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::app {

namespace {

using namespace differential;
using Stage = std::unique_ptr<step::Stage>;

constexpr auto most_real_time = std::chrono::minutes(1);

std::expected<Side, std::string> simulated(const std::string& name) {
    const auto* profile = simbroker::profile::find(name);
    if (profile == nullptr) return std::unexpected(fmt::format("--profile: '{}' is no profile", name));
    return Side{"simulated " + name, [profile]() -> std::expected<Stage, std::string> {
                    return std::make_unique<runner::SimulatedStage>(
                        std::make_unique<simbroker::Broker>(simbroker::BrokerConfig{.profile = *profile}, 0),
                        step::Login{}
                    );
                }};
}

std::expected<Side, std::string> over_tcp(const std::string& url) {
    const auto target = runner::TcpTarget::parse(url);
    if (!target) return std::unexpected(target.error());
    return Side{
        url,
        [target = *target]() -> std::expected<Stage, std::string> {
            return std::make_unique<runner::TcpStage>(target, most_real_time);
        },
        Side::Kind::shared
    };
}

std::string repeat_of(const DiffArguments& arguments, std::uint64_t number) {
    auto text = fmt::format("amqp-conformance diff {}", fmt::join(arguments.targets, " "));
    if (arguments.in_process) text += fmt::format(" --in-process --profile {}", arguments.profile);
    return text +
           fmt::format(
               " --seed {} --operations {} --first {} --sequences 1", arguments.seed, arguments.operations, number
           );
}

void print(const DiffArguments& arguments, const Side& first, const Side& second, const Found& found) {
    std::cout << to_yaml(found.shortest) << "# " << first.name << "\n#   " << found.first << "\n# " << second.name
              << "\n#   " << found.second << "\n# again: " << repeat_of(arguments, found.number) << "\n---\n";
}

std::vector<std::string> segments_of(const std::string& answer) {
    std::vector<std::string> segments;
    for (std::size_t from = 0; from <= answer.size();) {
        const auto end = std::min(answer.find(" | ", from), answer.size());
        segments.push_back(answer.substr(from, end - from));
        from = end + 3;
    }
    return segments;
}

// Of a whole sequence, only where the two parted ways.
void print(const DiffArguments& arguments, const Race& race) {
    const auto first = segments_of(race.first);
    const auto second = segments_of(race.second);
    const auto parted = std::ranges::mismatch(first, second);
    const auto text = [](const auto& at, const auto& all) { return at == all.end() ? std::string("(end)") : *at; };
    std::cout << fmt::format(
        "# race, at segment {}\n#   {}\n#   {}\n# again: {}\n---\n",
        parted.in1 - first.begin() + 1,
        text(parted.in1, first),
        text(parted.in2, second),
        repeat_of(arguments, race.number)
    );
}

}  // namespace

Status diff(const DiffArguments& arguments) {
    if (arguments.targets.size() + (arguments.in_process ? 1 : 0) != 2) {
        return refuse("diff: expected two brokers: two URLs, or one and --in-process");
    }
    const auto first = over_tcp(arguments.targets[0]);
    const auto second = arguments.in_process ? simulated(arguments.profile) : over_tcp(arguments.targets[1]);
    if (!first) return refuse(first.error());
    if (!second) return refuse(second.error());
    CampaignOptions options{
        .seed = arguments.seed,
        .first = arguments.first,
        .sequences = arguments.sequences,
        .operations = arguments.operations,
        .jobs = arguments.jobs,
        .most_differences = arguments.most,
    };
    if (::isatty(STDERR_FILENO) == 1) {
        options.on_progress = [](std::uint64_t done) { std::cerr << "\r" << done << std::flush; };
    }
    const auto result = run_campaign(*first, *second, options);
    for (const auto& trouble : result.troubles) std::cerr << "amqp-conformance: " << trouble << "\n";
    if (arguments.show_races) {
        for (const auto& race : result.races) print(arguments, race);
    }
    for (const auto& found : result.found) print(arguments, *first, *second, found);
    std::cout << fmt::format(
        "{} sequences of {} operations: {} differ; {} more differed only as long as things were in flight\n",
        result.played,
        arguments.operations,
        result.found.size(),
        result.races.size()
    );
    if (result.played == 0 || !result.troubles.empty()) return Status::nothing_ran;
    return result.found.empty() ? Status::as_expected : Status::not_as_expected;
}

}  // namespace conformance::app
