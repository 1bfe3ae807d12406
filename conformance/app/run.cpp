#include "conformance/app/run.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "conformance/app/load.hpp"
#include "conformance/app/reports.hpp"
#include "conformance/catalogue/closest.hpp"
#include "conformance/report/text.hpp"
#include "conformance/runner/selection.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::app {

namespace {

using Clock = std::chrono::steady_clock;
using runner::Result;
using runner::Standard;

// Set by Ctrl-C: what runs is finished, nothing else is begun. A second one ends the program at once.
volatile sig_atomic_t interrupted = 0;

void interrupt(int) {
    interrupted = 1;
    ::signal(SIGINT, SIG_DFL);
}

// Two runs against the same broker must not meet in a name.
std::string prefix_of_this_run() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return fmt::format(
        "amqp-conformance.{:x}.{:x}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), ::getpid()
    );
}

report::TextOptions text_options(const RunArguments& arguments) {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    const auto* no_colour = std::getenv("NO_COLOR");
    const bool plain = no_colour != nullptr && *no_colour != '\0';
    return {
        .colour = terminal && !plain ? report::Colour::ansi : report::Colour::none,
        .progress = terminal ? report::Progress::line : report::Progress::none,
        .lines = arguments.verbose ? report::Lines::all : report::Lines::what_is_not_right,
    };
}

std::expected<simbroker::BrokerConfig, std::string> config_of(const RunArguments& arguments) {
    if (const auto* profile = simbroker::profile::find(arguments.profile)) {
        // With every plug-in: a scenario that needs one finds it.
        return simbroker::BrokerConfig{.profile = *profile, .plugins = simbroker::extension::known_plugins()};
    }
    std::vector<std::string> known;
    for (const auto* each : simbroker::profile::all()) known.emplace_back(each->name);
    return std::unexpected(fmt::format(
        "--profile: '{}' is no profile; there are {}{}",
        arguments.profile,
        fmt::join(known, " "),
        catalogue::did_you_mean(arguments.profile, known)
    ));
}

std::expected<runner::Selection, std::string> selection_of(const RunArguments& arguments) {
    runner::Selection selection{
        .select = arguments.select,
        .skip = arguments.skip,
        .families = arguments.families,
        .clauses = arguments.clauses,
    };
    for (const auto& name : arguments.levels) {
        const auto level = catalogue::level_from(name);
        if (!level) {
            const std::vector<std::string> known{"MUST", "SHOULD", "MAY", "EXTENSION", "ROBUST"};
            return std::unexpected(fmt::format(
                "--level: expected {}, got {}{}", fmt::join(known, ", "), name, catalogue::did_you_mean(name, known)
            ));
        }
        selection.levels.push_back(*level);
    }
    return selection;
}

std::expected<runner::WireMode, std::string> wire_of(const RunArguments& arguments, catalogue::Role role) {
    const auto mode = runner::wire_mode_from(arguments.wire);
    if (!mode) {
        return std::unexpected(fmt::format(
            "--wire: expected {}, got {}{}",
            fmt::join(runner::wire_modes(), ", "),
            arguments.wire,
            catalogue::did_you_mean(arguments.wire, runner::wire_modes())
        ));
    }
    if (role == catalogue::Role::broker && *mode != runner::WireMode::whole)
        return std::unexpected("--wire: it is the wire to a client; a broker is asked over a whole one");
    return *mode;
}

struct Lists {
    std::vector<runner::Deviation> deviations{};
    bool any = false;  // an empty list is one, too
};

std::expected<Lists, std::string> lists_of(
    const Place& place, const RunArguments& arguments, const Peer& peer, const catalogue::Catalogue& catalogue
) {
    auto files = runner::deviation_files(place.deviations(), peer.product, peer.version);
    files.insert(files.end(), arguments.deviations.begin(), arguments.deviations.end());
    Lists lists{.any = !files.empty()};
    std::vector<catalogue::LoadError> wrong;
    for (const auto& file : files) {
        auto some = runner::load_deviations(file);
        if (some) {
            std::ranges::move(*some, std::back_inserter(lists.deviations));
        } else {
            std::ranges::move(some.error(), std::back_inserter(wrong));
        }
    }
    std::ranges::move(runner::idle_deviations(lists.deviations, catalogue.scenarios), std::back_inserter(wrong));
    if (wrong.empty()) return lists;
    std::string text = "deviations:";
    for (const auto& error : wrong) text += "\n  " + to_string(error);
    return std::unexpected(text);
}

Standard standard_of(const RunArguments& arguments, const Lists& lists) {
    if (arguments.strict) return Standard::strict;
    return lists.any ? Standard::listed : Standard::usual;
}

// Fisher and Yates, with our own chance: the same seed, the same order, on every machine.
void shuffle(std::vector<const catalogue::Scenario*>& scenarios, simbroker::Seed seed) {
    simbroker::Prng chance(seed);
    for (auto left = scenarios.size(); left > 1; --left) std::swap(scenarios[left - 1], scenarios[chance.below(left)]);
}

std::optional<std::filesystem::path> trace_folder(const RunArguments& arguments) {
    if (arguments.trace_dir.empty()) return {};
    std::filesystem::create_directories(arguments.trace_dir);
    return arguments.trace_dir;
}

// With the seed of this round; and where a simulated broker takes part, with a trace.
std::string repeated_by(const RunArguments& arguments, const Peer& peer, simbroker::Seed seed) {
    auto command = arguments.repeat;
    if (seed != 0) command = report::with_options(command, fmt::format("--seed {}", seed));
    if (peer.sharing == runner::Sharing::one_for_all) return command;
    return report::with_options(
        command, "--trace-dir " + (arguments.trace_dir.empty() ? std::string("traces") : arguments.trace_dir)
    );
}

// One run of all that is chosen.
Status run_once(
    const RunArguments& arguments, const Plan& plan, const Peer& peer, const runner::SuiteOptions& options
) {
    auto chosen = plan.chosen;
    if (arguments.shuffle) shuffle(chosen, options.seed);
    const auto command = repeated_by(arguments, peer, options.seed);
    const auto began = Clock::now();
    report::TextReport text(std::cout, text_options(arguments), command, chosen.size());
    auto suite = options;
    suite.on_begin = [&](const catalogue::Scenario& scenario) { text.begin(scenario); };
    suite.on_result = [&](const Result& result) { text.add(result); };
    const auto results = runner::run_suite(chosen, suite);
    const report::Run whole{
        .peer = peer.description,
        .command = command,
        .results = results,
        .role = peer.role,
        .product = peer.product,
        .version = peer.version,
        .requirements = &plan.catalogue.requirements,
        .took = Clock::now() - began,
    };
    text.summary(whole);
    if (interrupted != 0) std::cout << fmt::format("interrupted: {} of {} ran\n", results.size(), chosen.size());
    if (!write_reports(arguments, whole)) return Status::nothing_ran;
    return interrupted == 0 && runner::all_as_expected(results) ? Status::as_expected : Status::not_as_expected;
}

}  // namespace

Status refuse(const std::string& why) {
    std::cerr << "amqp-conformance: " << why << "\n";
    return Status::nothing_ran;
}

void tell_preparing(const std::string& what) { std::cerr << "preparing, once on this machine: " << what << "\n"; }

std::optional<Plan> plan(const Place& place, const RunArguments& arguments, catalogue::Role role) {
    auto loaded = load(place);
    if (!loaded) return {};
    const auto said = [](const std::string& why) {
        refuse(why);
        return std::nullopt;
    };
    const auto selection = selection_of(arguments);
    if (!selection) return said(selection.error());
    if (const auto wrong = runner::selection_error(loaded->scenarios, role, *selection)) return said(*wrong);
    auto config = config_of(arguments);
    if (!config) return said(config.error());
    const auto patience = simbroker::fault::duration_from_text(arguments.timeout);
    if (!patience) return said("--timeout: " + patience.error());
    const auto max_wait = simbroker::fault::duration_from_text(arguments.max_wait);
    if (!max_wait) return said("--max-wait: " + max_wait.error());

    const auto wire = wire_of(arguments, role);
    if (!wire) return said(wire.error());
    Plan plan{std::move(*loaded), {}, std::move(*config), *patience, *max_wait, *wire, {}};
    if (arguments.cut > 0 && *wire != runner::WireMode::cut_each_step)
        return said("--cut: it is for --wire cut-each-step");
    if (arguments.cut > 0) plan.cut = arguments.cut;
    plan.chosen = runner::choose(plan.catalogue.scenarios, role, *selection);
    if (plan.chosen.empty()) return said("no scenario is selected; each of them fits one option and not another");
    return plan;
}

Status run(const Place& place, const RunArguments& arguments, const Plan& plan, const Peer& peer) {
    auto lists = lists_of(place, arguments, peer, plan.catalogue);
    if (!lists) return refuse(lists.error());
    runner::SuiteOptions options{
        .run_case = peer.run_case,
        .deviations = runner::deviations_of(lists->deviations, plan.wire),
        .standard = standard_of(arguments, *lists),
        .prefix = prefix_of_this_run(),
        .patience = plan.patience,
        .jobs = arguments.jobs,
        .sharing = peer.sharing,
        .seed = arguments.seed,
        .traces = trace_folder(arguments),
        .is_over = [] { return interrupted != 0; },
    };
    ::signal(SIGINT, interrupt);
    auto status = run_once(arguments, plan, peer, options);
    for (int round = 2; arguments.repeat_until_failure && status == Status::as_expected; ++round) {
        ++options.seed;
        options.prefix = prefix_of_this_run();
        std::cout << fmt::format("round {}, seed {}:", round, options.seed) << std::flush;
        status = run_once(arguments, plan, peer, options);
    }
    return status;
}

}  // namespace conformance::app
