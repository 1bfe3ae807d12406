// fuzz: conversations that go wrong on purpose, thousands of them, against a broker or a client.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/fuzz/campaign.hpp"
#include "conformance/runner/identify.hpp"
#include "simbroker/core/broker.hpp"

namespace conformance::app {

namespace {

using Clock = std::chrono::steady_clock;

// How fast it goes, on one line that is written over, or now and then on a line of its own.
class Progress {
public:
    explicit Progress(std::uint64_t cases) : cases_(cases) {}

    void operator()(std::uint64_t done) {
        const auto now = Clock::now();
        if (done < cases_ && now - told_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10)))
            return;
        told_ = now;
        std::cerr << fmt::format(
                         "{}{} of {} conversations, {:.0f} a second{}",
                         terminal_ ? "\r" : "",
                         done,
                         cases_,
                         rate(done),
                         terminal_ ? "" : "\n"
                     )
                  << std::flush;
    }

    double rate(std::uint64_t done) const {
        return static_cast<double>(done) / std::max(std::chrono::duration<double>(Clock::now() - began_).count(), 1e-3);
    }

private:
    std::uint64_t cases_;
    bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    Clock::time_point began_ = Clock::now();
    Clock::time_point told_ = began_;
};

// The shim of ours or the host of a URL, as far as an id may have it.
std::string as_id(std::string text) {
    std::erase_if(text, [](unsigned char c) { return std::isalnum(c) == 0 && c != '-'; });
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.empty() ? "peer" : text;
}

// The command line, for this case alone; a command behind -- stays behind it.
std::string command_for(const FuzzArguments& arguments, std::uint64_t number) {
    auto command = arguments.repeat;
    command.insert(std::min(command.find(" -- "), command.size()), fmt::format(" --first {} --cases 1", number));
    return command;
}

void print(const FuzzArguments& arguments, const fuzz::Finding& finding) {
    const bool broker = arguments.role == "broker";
    std::cout << fmt::format(
        "\ncase {}: {}\n  saved:      {}\n  made again: {}\n",
        finding.number,
        finding.text,
        finding.file.string(),
        command_for(arguments, finding.number)
    );
    if (!finding.alone) {
        std::cout << "  played alone it does no harm: what was before it, or how fast it came, matters\n";
        return;
    }
    std::cout << fmt::format(
        "  played:     amqp-conformance {} --scenarios {} --select {} {}{}\n",
        arguments.role,
        arguments.folder,
        finding.id,
        broker || arguments.peer.size() == 1 ? "" : "-- ",
        fmt::join(arguments.peer, " ")
    );
}

Status run(const FuzzArguments& arguments, const std::string& peer, const fuzz::TargetMaker& make) {
    Progress progress(arguments.cases);
    const auto result = fuzz::run_campaign(
        make,
        {.first = arguments.first,
         .cases = arguments.cases,
         .jobs = arguments.jobs,
         .most_findings = arguments.most,
         .most_plays = arguments.role == "client" ? 60U : 300U,  // a client has to start anew each time
         .folder = arguments.folder,
         .peer = as_id(peer),
         .on_progress = [&](std::uint64_t done) { progress(done); },
         .on_finding = [&](const fuzz::Finding& finding) { print(arguments, finding); }}
    );
    for (const auto& trouble : result.troubles) std::cerr << "amqp-conformance: " << trouble << "\n";
    std::cout << fmt::format(
        "{} conversations with seed {}, {:.0f} a second: {} went wrong\n",
        result.played,
        arguments.seed,
        progress.rate(result.played),
        result.found.size()
    );
    if (result.played == 0 || !result.troubles.empty()) {
        const bool unavailable = std::ranges::any_of(result.troubles, [](const std::string& trouble) {
            return trouble.contains(runner::shim_is_unavailable);
        });
        return unavailable ? Status::unavailable : Status::nothing_ran;
    }
    return result.found.empty() ? Status::as_expected : Status::not_as_expected;
}

Status fuzz_broker(const FuzzArguments& arguments, const simbroker::BrokerConfig& config) {
    if (arguments.peer.size() != 1) return refuse("fuzz broker: expected one target, amqp://... or simulated");
    const auto& target = arguments.peer.front();
    if (target == "simulated") {
        return run(arguments, target, [&] {
            return fuzz::simulated_broker(
                [&] { return std::make_unique<simbroker::Broker>(config, arguments.seed); }, arguments.seed
            );
        });
    }
    const auto tcp = runner::TcpTarget::parse(target);
    if (!tcp) return refuse(tcp.error());
    runner::TcpStage stage(*tcp, std::chrono::seconds(15));
    const auto identity = runner::identify_broker(stage);
    if (!identity) return refuse(identity.error());
    std::cerr << fmt::format("fuzzing {} {}\n", identity->product, identity->version);
    return run(arguments, identity->product, [&] { return fuzz::broker_over_tcp(*tcp, arguments.seed); });
}

}  // namespace

Status fuzz_peer(const Place& place, const FuzzArguments& arguments) {
    const auto* profile = simbroker::profile::find(arguments.profile);
    if (profile == nullptr) return refuse(fmt::format("--profile: '{}' is no profile", arguments.profile));
    const simbroker::BrokerConfig config{.profile = *profile};
    if (arguments.role == "broker") return fuzz_broker(arguments, config);
    if (arguments.role != "client")
        return refuse(fmt::format("fuzz: expected client or broker, got '{}'", arguments.role));
    auto command = arguments.peer;
    if (command.size() == 1) command = place.shim(command[0]).value_or(command);
    const runner::ClientTarget client{
        .command = command,
        .config = config,
        .seed = arguments.seed,
        .broken = {},
        .on_preparing = tell_preparing,
    };
    return run(arguments, arguments.peer.front(), [&] { return fuzz::client_through_shim(client, arguments.seed); });
}

}  // namespace conformance::app
