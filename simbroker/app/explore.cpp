// Seeds from the command line, progress on a terminal, and for each failure the commands that show it again.
#include "simbroker/app/explore.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <expected>
#include <fstream>
#include <iterator>
#include <thread>

#include "simbroker/explore/shrink.hpp"
#include "simbroker/explore/sweep.hpp"

namespace simbroker::app {
namespace {

using explore::Outcome;
using explore::Workload;

constexpr int usage_error = 2;

int refuse(std::string_view command, const std::string& why) {
    fmt::print(stderr, "simbroker {}: {}\n", command, why);
    return usage_error;
}

std::expected<Workload, std::string> workload_of(const WorkloadArguments& arguments) {
    Workload workload;
    if (!arguments.file.empty()) {
        auto read = explore::workload_from_file(arguments.file);
        if (!read) return std::unexpected(read.error());
        workload = *read;
    }
    if (arguments.minutes) workload.length = std::chrono::minutes(*arguments.minutes);
    if (arguments.clients) workload.clients = *arguments.clients;
    if (arguments.profile.empty()) return workload;
    if (const auto refused = explore::refused_profile(arguments.profile)) {
        return std::unexpected("--profile " + *refused);
    }
    workload.profile = arguments.profile;
    return workload;
}

// As typed, for the command that repeats a run.
std::string options_of(const WorkloadArguments& arguments) {
    std::string text;
    if (!arguments.file.empty()) text += " --workload " + arguments.file;
    if (arguments.minutes) text += fmt::format(" --minutes {}", *arguments.minutes);
    if (arguments.clients) text += fmt::format(" --clients {}", *arguments.clients);
    if (!arguments.profile.empty()) text += " --profile " + arguments.profile;
    return text;
}

double client_seconds(const Outcome& outcome) {
    return std::chrono::duration<double>(outcome.virtual_time).count() * outcome.clients;
}

// One line on a terminal, overwritten as it goes; nothing elsewhere.
class Progress {
public:
    explicit Progress(std::uint64_t seeds) : seeds_(seeds), shown_(::isatty(STDERR_FILENO) == 1) {}

    void add(const Outcome& outcome) {
        ++done_;
        if (outcome.finding) ++failed_;
        if (!shown_) return;
        constexpr std::uint64_t width = 40;
        const auto filled = static_cast<std::size_t>(done_ * width / seeds_);
        fmt::print(
            stderr, "\r[{:.<{}}] {}/{} seeds, {} failed", std::string(filled, '#'), width, done_, seeds_, failed_
        );
        if (done_ == seeds_) fmt::print(stderr, "\n");
    }

    std::uint64_t failed() const { return failed_; }

private:
    std::uint64_t seeds_;
    bool shown_;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
};

void tell_failure(const Outcome& outcome, const ExploreArguments& arguments) {
    const auto options = options_of(arguments.workload);
    const auto* check = arguments.check_determinism ? " --check-determinism" : "";
    fmt::print("seed {}: {}\n", outcome.seed, to_string(*outcome.finding));
    fmt::print("  again:   simbroker explore --seeds {}{}{}\n", outcome.seed, options, check);
    fmt::print("  smaller: simbroker shrink {}{}\n", outcome.seed, options);
}

int run_plan(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return refuse("explore", fmt::format("{}: cannot be read", file));
    const auto plan = explore::plan_from_json(std::string{std::istreambuf_iterator<char>(in), {}});
    if (!plan) return refuse("explore", fmt::format("{}: {}", file, plan.error()));
    if (const auto refused = explore::refused_profile(plan->profile)) {
        return refuse("explore", fmt::format("{}: profile: {}", file, *refused));
    }
    const auto outcome = explore::run(*plan);
    fmt::print("{}\n", to_json(outcome));
    return outcome.finding ? 1 : 0;
}

}  // namespace

int explore(const ExploreArguments& arguments) {
    if (!arguments.plan.empty()) return run_plan(arguments.plan);
    const auto workload = workload_of(arguments.workload);
    if (!workload) return refuse("explore", workload.error());
    const auto seeds = explore::seed_range(arguments.seeds);
    if (!seeds) return refuse("explore", "--seeds " + seeds.error());

    const auto start = std::chrono::steady_clock::now();
    Progress progress(seeds->count());
    const auto outcomes = explore::sweep(
        *workload,
        *seeds,
        {.jobs = arguments.jobs > 0 ? arguments.jobs : std::thread::hardware_concurrency(),
         .repeat = arguments.check_determinism ? explore::Repeat::twice : explore::Repeat::once,
         .done = [&](const Outcome& outcome) { progress.add(outcome); }}
    );
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    double simulated = 0;
    for (const auto& outcome : outcomes) {
        simulated += client_seconds(outcome) * (arguments.check_determinism ? 2 : 1);
        if (arguments.print_hashes) fmt::print("{} {:016x}\n", outcome.seed, outcome.hash);
        if (outcome.finding) tell_failure(outcome, arguments);
    }
    fmt::print(
        stderr,
        "{} seeds, {} failed; {:.0f} client-seconds in {:.1f} s, {:.0f} a second\n",
        seeds->count(),
        progress.failed(),
        simulated,
        took.count(),
        simulated / took.count()
    );
    return progress.failed() > 0 ? 1 : 0;
}

int shrink(const ShrinkArguments& arguments) {
    const auto workload = workload_of(arguments.workload);
    if (!workload) return refuse("shrink", workload.error());
    const auto shrunk = explore::shrink(explore::draw(*workload, arguments.seed));
    if (!shrunk) {
        fmt::print("seed {} breaks no invariant: there is nothing to shrink\n", arguments.seed);
        return 0;
    }
    fmt::print("seed {}: {}\n", arguments.seed, to_string(shrunk->finding));
    const auto& plan = shrunk->plan;
    fmt::print(
        "left of it after {} runs: {} clients, {} mishaps, {} queues\n",
        shrunk->runs,
        plan.clients.size(),
        plan.mishaps.size(),
        plan.queues.size()
    );
    const auto files = explore::write_reproduction(arguments.directory, *shrunk);
    if (!files) return refuse("shrink", files.error());
    for (const auto& file : *files) fmt::print("  {}\n", file.string());
    fmt::print("again: simbroker explore --plan {}\n", files->front().string());
    return 1;
}

}  // namespace simbroker::app
