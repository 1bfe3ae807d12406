// broker and client: who is asked, which scenarios, and where the reports go.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "conformance/app/html_file.hpp"
#include "conformance/app/load.hpp"
#include "conformance/report/json.hpp"
#include "conformance/report/junit.hpp"
#include "conformance/report/text.hpp"
#include "conformance/runner/client_stage.hpp"
#include "conformance/runner/identify.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::app {

namespace {

using catalogue::Role;
using runner::Result;

Status refuse(const std::string& why) {
    std::cerr << "amqp-conformance: " << why << "\n";
    return Status::nothing_ran;
}

// Two runs against the same broker must not meet in a name.
std::string prefix_of_this_run() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return fmt::format(
        "amqp-conformance.{:x}.{:x}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), ::getpid()
    );
}

report::TextOptions terminal_options() {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    const auto* no_colour = std::getenv("NO_COLOR");
    const bool plain = no_colour != nullptr && *no_colour != '\0';
    return {
        .colour = terminal && !plain ? report::Colour::ansi : report::Colour::none,
        .progress = terminal ? report::Progress::line : report::Progress::none,
    };
}

std::expected<simbroker::BrokerConfig, std::string> config_of(const RunArguments& arguments) {
    const auto* profile = simbroker::profile::find(arguments.profile);
    if (profile == nullptr) {
        std::string known;
        for (const auto* each : simbroker::profile::all()) known += " " + std::string(each->name);
        return std::unexpected(fmt::format("--profile: '{}' is no profile; there are{}", arguments.profile, known));
    }
    // With every plug-in: a scenario that needs one finds it.
    return simbroker::BrokerConfig{.profile = *profile, .plugins = simbroker::extension::known_plugins()};
}

std::expected<std::vector<runner::Deviation>, std::string> deviations_of(
    const Place& place, const RunArguments& arguments, const std::string& product, const std::string& version
) {
    auto files = runner::deviation_files(place.deviations(), product, version);
    files.insert(files.end(), arguments.deviations.begin(), arguments.deviations.end());
    std::vector<runner::Deviation> all;
    for (const auto& file : files) {
        auto some = runner::load_deviations(file);
        if (!some) {
            std::string text = "deviations:";
            for (const auto& error : some.error()) text += "\n  " + to_string(error);
            return std::unexpected(text);
        }
        std::ranges::move(*some, std::back_inserter(all));
    }
    return all;
}

std::expected<runner::Selection, std::string> selection_of(const RunArguments& arguments) {
    runner::Selection selection{arguments.select, arguments.skip, {}};
    for (const auto& name : arguments.levels) {
        const auto level = catalogue::level_from(name);
        if (!level)
            return std::unexpected(fmt::format("--level: expected MUST, SHOULD, MAY, EXTENSION or ROBUST, got {}", name)
            );
        selection.levels.push_back(*level);
    }
    return selection;
}

bool write_file(const std::string& path, const std::string& text) {
    if (path.empty()) return true;
    std::ofstream file(path);
    file << text << std::flush;
    if (file) return true;
    std::cerr << fmt::format("amqp-conformance: the report {} cannot be written\n", path);
    return false;
}

// A peer under test: how to meet it, and what it calls itself.
struct Peer {
    Role role{};
    std::string description;
    std::string product;
    std::string version;
    runner::StageMaker make_stage;
};

Status run(const Place& place, const RunArguments& arguments, const Peer& peer) {
    const auto loaded = load(place);
    if (!loaded) return Status::nothing_ran;
    const auto selection = selection_of(arguments);
    if (!selection) return refuse(selection.error());
    auto deviations = deviations_of(place, arguments, peer.product, peer.version);
    if (!deviations) return refuse(deviations.error());
    const auto patience = simbroker::fault::duration_from_text(arguments.timeout);
    if (!patience) return refuse("--timeout: " + patience.error());
    const auto chosen = runner::choose(loaded->scenarios, peer.role, *selection);

    report::TextReport text(std::cout, terminal_options(), arguments.repeat, chosen.size());
    const auto results = runner::run_suite(
        chosen,
        {.make_stage = peer.make_stage,
         .deviations = std::move(*deviations),
         .prefix = prefix_of_this_run(),
         .patience = *patience,
         .on_begin = [&](const catalogue::Scenario& scenario) { text.begin(scenario); },
         .on_result = [&](const Result& result) { text.add(result); }}
    );
    const report::Run whole{
        .peer = peer.description,
        .command = arguments.repeat,
        .results = results,
        .role = peer.role,
        .product = peer.product,
        .version = peer.version,
        .requirements = &loaded->requirements,
    };
    text.summary(whole);
    const auto frames = arguments.json_frames ? report::Frames::of_all : report::Frames::of_what_did_not_pass;
    if (!write_file(arguments.json, report::dump(report::to_json(whole, frames)) + "\n")) return Status::nothing_ran;
    if (!write_file(arguments.junit, report::to_junit(whole))) return Status::nothing_ran;
    if (!arguments.html.empty() && !write_html(arguments.html, {report::to_json(whole, report::Frames::of_all)}))
        return Status::nothing_ran;
    if (results.empty()) return refuse("no scenario is selected");
    return runner::all_as_expected(results) ? Status::as_expected : Status::not_as_expected;
}

using Stage = std::unique_ptr<step::Stage>;

std::expected<runner::StageMaker, std::string> broker_stages(
    const RunArguments& arguments, const std::string& target, step::Duration max_wait
) {
    if (target == "simulated") {
        const auto config = config_of(arguments);
        if (!config) return std::unexpected(config.error());
        return [config = *config, seed = arguments.seed]() -> std::expected<Stage, std::string> {
            return std::make_unique<runner::SimulatedStage>(
                std::make_unique<simbroker::Broker>(config, seed), step::Login{}
            );
        };
    }
    auto parsed = runner::TcpTarget::parse(target);
    if (!parsed) return std::unexpected(parsed.error());
    if (!arguments.operator_command.empty()) parsed->operator_command.emplace(arguments.operator_command);
    return [tcp = *parsed, max_wait]() -> std::expected<Stage, std::string> {
        return std::make_unique<runner::TcpStage>(tcp, max_wait);
    };
}

}  // namespace

Status run_broker(const Place& place, const RunArguments& arguments, const std::string& target) {
    const auto max_wait = simbroker::fault::duration_from_text(arguments.max_wait);
    if (!max_wait) return refuse("--max-wait: " + max_wait.error());
    const auto make_stage = broker_stages(arguments, target, *max_wait);
    if (!make_stage) return refuse(make_stage.error());
    const auto stage = (*make_stage)();
    if (!stage) return refuse(stage.error());
    const auto identity = runner::identify_broker(**stage);
    if (!identity) return refuse(identity.error());
    return run(
        place,
        arguments,
        {.role = Role::broker,
         .description = fmt::format("broker {} {} ({})", identity->product, identity->version, target),
         .product = identity->product,
         .version = identity->version,
         .make_stage = *make_stage}
    );
}

Status run_client(const Place& place, const RunArguments& arguments, const std::vector<std::string>& command) {
    const auto max_wait = simbroker::fault::duration_from_text(arguments.max_wait);
    if (!max_wait) return refuse("--max-wait: " + max_wait.error());
    const auto config = config_of(arguments);
    if (!config) return refuse(config.error());
    runner::ClientTarget target{.command = command, .config = *config, .seed = arguments.seed, .broken = {}};
    if (command.size() == 1) target.command = place.shim(command[0]).value_or(command);
    const auto stage = runner::ClientStage::start(target, *max_wait);
    if (!stage) {
        refuse(stage.error());
        return stage.error().contains(runner::shim_is_unavailable) ? Status::unavailable : Status::nothing_ran;
    }
    const auto hello = (*stage)->hello();
    return run(
        place,
        arguments,
        {.role = Role::client,
         .description = fmt::format("client {} {} ({})", hello.library, hello.version, hello.language),
         .product = hello.library,
         .version = hello.version,
         .make_stage = [target, max_wait]() -> std::expected<Stage, std::string> {
             auto made = runner::ClientStage::start(target, *max_wait);
             if (!made) return std::unexpected(made.error());
             return std::move(*made);
         }}
    );
}

}  // namespace conformance::app
