// The command line of amqp-conformance.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <exception>
#include <iostream>
#include <span>
#include <string>

#include "conformance/app/arguments.hpp"

namespace {

using conformance::app::AskArguments;
using conformance::app::DiffArguments;
using conformance::app::FuzzArguments;
using conformance::app::Place;
using conformance::app::RunArguments;
using conformance::app::Status;

constexpr int usage_error = 2;

void add_run_options(CLI::App& app, RunArguments& run) {
    app.add_option("--select", run.select, "Only scenarios of this id or glob; may be given again")
        ->allow_extra_args(false);
    app.add_option("--skip", run.skip, "Not those; may be given again")->allow_extra_args(false);
    app.add_option("--level", run.levels, "Only MUST, SHOULD, MAY, EXTENSION or ROBUST; may be given again")
        ->allow_extra_args(false);
    app.add_option("--junit", run.junit, "Write a JUnit XML report to this file");
    app.add_option("--json", run.json, "Write a JSON report to this file");
    app.add_option("--deviations", run.deviations, "Expected failures, besides those of scenarios/deviation/")
        ->allow_extra_args(false);
    app.add_option("--timeout", run.timeout, "How long to wait for what a step expects")->capture_default_str();
    app.add_option("--max-wait", run.max_wait, "Over TCP: the longest `advance` that is really waited for")
        ->capture_default_str();
    app.add_option(
           "--profile", run.profile, "The simulated broker's: rabbitmq-4.3, rabbitmq-4.0, rabbitmq-3.10 or strict"
    )
        ->capture_default_str();
    app.add_option("--seed", run.seed, "The simulated broker's")->capture_default_str();
}

void add_ask_options(CLI::App& app, AskArguments& ask, bool& in_process) {
    app.add_option("dialogues", ask.dialogues, "A file of dialogues, or a folder of them")->required();
    auto* target = app.add_option("target", ask.target, "amqp://user:password@host:port/vhost");
    app.add_flag("--in-process", in_process, "Ask the simulated broker, in virtual time")->excludes(target);
    app.add_option("--profile", ask.profile, "The simulated broker's")->capture_default_str();
    app.add_option("--seed", ask.seed, "The simulated broker's")->capture_default_str();
    app.add_flag("--deny-deprecated", ask.deny_deprecated, "The simulated broker refuses what upstream has deprecated");
    app.add_option("--select", ask.select, "Only dialogues of this id or glob; may be given again")
        ->allow_extra_args(false);
    app.add_option("--answers", ask.answers, "Compare with the answers in this file");
    app.add_option("--write", ask.write, "Write the answers to this file");
    app.add_option("--jobs", ask.jobs, "How many to ask at a time")->capture_default_str();
    app.add_flag("--configured", ask.configured, "The broker is configured as the dialogues want it: ask those, too");
    app.add_flag("--durable-queues", ask.durable_queues, "Named queues are durable unless the dialogue says otherwise");
}

void add_operator_option(CLI::App& app, std::string& command) {
    app.add_option(
        "--operator", command, "The command of the broker's operator, as \"rabbitmqctl -n rabbit@localhost\""
    );
}

void add_diff_options(CLI::App& app, DiffArguments& diff) {
    app.add_option("targets", diff.targets, "Two brokers, as amqp://user:password@host:port/vhost")->expected(1, 2);
    app.add_flag("--in-process", diff.in_process, "One of the two is the simulated broker, in virtual time");
    app.add_option("--profile", diff.profile, "The simulated broker's")->capture_default_str();
    app.add_option("--seed", diff.seed, "Of the sequences")->capture_default_str();
    app.add_option("--first", diff.first, "Number of the first sequence")->capture_default_str();
    app.add_option("--sequences", diff.sequences, "How many sequences")->capture_default_str();
    app.add_option("--operations", diff.operations, "How many operations each has")->capture_default_str();
    app.add_option("--most", diff.most, "Stop after so many differences")->capture_default_str();
    app.add_option("--jobs", diff.jobs, "How many sequences at a time")->capture_default_str();
    app.add_flag("--show-races", diff.show_races, "Print what differed only as long as things were in flight, too");
}

void add_fuzz_options(CLI::App& app, FuzzArguments& fuzz) {
    app.add_option("role", fuzz.role, "client or broker")->required()->check(CLI::IsMember({"client", "broker"}));
    app.add_option(
           "peer",
           fuzz.peer,
           "A broker: amqp://user:password@host:port/vhost, or simulated. A client: a shim of ours, or after -- a "
           "command"
    )
        ->required();
    app.add_option("--profile", fuzz.profile, "The simulated broker's")->capture_default_str();
    app.add_option("--seed", fuzz.seed, "Of the conversations")->capture_default_str();
    app.add_option("--first", fuzz.first, "Number of the first conversation")->capture_default_str();
    app.add_option("--cases", fuzz.cases, "How many conversations")->capture_default_str();
    app.add_option("--most", fuzz.most, "Stop after so many findings")->capture_default_str();
    app.add_option("--jobs", fuzz.jobs, "How many peers at a time, each with a part of the conversations")
        ->capture_default_str();
    app.add_option("--folder", fuzz.folder, "Where findings are saved as scenarios")->capture_default_str();
}

std::string quoted(std::string_view word) {
    const auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_./:@%=+,").contains(c);
    };
    if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

// The command line without what chooses scenarios and names reports: reports add --select to it.
std::string repeatable(std::span<char*> words) {
    constexpr std::string_view left_out[] = {
        "--select", "--skip", "--level", "--json", "--junit", "--first", "--cases"
    };
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto* option =
            std::ranges::find_if(left_out, [&](std::string_view name) { return word.starts_with(name); });
        if (option == std::end(left_out)) {
            text += (text.empty() ? "" : " ") + quoted(word);
        } else if (word == *option) {
            ++i;  // its value
        }
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Asks AMQP brokers and clients questions, and judges the answers.", "amqp-conformance");
    app.require_subcommand(1);
    Place place{SIMBROKER_SOURCE_DIR, {}};
    app.add_option("--scenarios", place.scenarios, "The folder of scenarios");
    app.fallthrough();

    bool as_json = false;
    auto* list = app.add_subcommand("list", "Every scenario: id, level, role, clauses");
    list->add_flag("--json", as_json, "As JSON");

    auto* coverage = app.add_subcommand("coverage", "Every requirement: its scenarios, or why it has none");
    coverage->add_flag("--json", as_json, "As JSON");

    std::string id;
    auto* show = app.add_subcommand("show", "One scenario and the clauses it is about");
    show->add_option("id", id, "Its id")->required();

    RunArguments run;
    std::string target;
    auto* broker = app.add_subcommand("broker", "Check a broker");
    broker->add_option("target", target, "amqp://user:password@host:port/vhost, or simulated")->required();
    add_run_options(*broker, run);
    add_operator_option(*broker, run.operator_command);

    std::vector<std::string> command;
    auto* client = app.add_subcommand("client", "Check a client");
    client->add_option("shim", command, "A shim of ours (pika, aio-pika@newest), or after -- the command of any")
        ->required();
    add_run_options(*client, run);

    AskArguments asked;
    bool in_process = false;
    auto* ask = app.add_subcommand("ask", "Ask a broker the questions of dialogues, print or compare its answers");
    add_ask_options(*ask, asked, in_process);
    add_operator_option(*ask, asked.operator_command);

    DiffArguments differences;
    auto* diff =
        app.add_subcommand("diff", "Drive two brokers with the same random sequences, and shrink a difference");
    add_diff_options(*diff, differences);

    FuzzArguments fuzzed;
    auto* fuzz = app.add_subcommand("fuzz", "Say wrong things to a broker or a client, and save what harms it");
    add_fuzz_options(*fuzz, fuzzed);

    try {
        app.parse(argc, argv);
        if (ask->parsed() && !in_process && asked.target.empty()) throw CLI::RequiredError("target or --in-process");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : usage_error;
    }
    run.repeat = repeatable(std::span(argv, static_cast<std::size_t>(argc)));
    fuzzed.repeat = run.repeat;
    auto status = Status::nothing_ran;
    try {
        if (list->parsed()) status = conformance::app::list(place, as_json);
        if (coverage->parsed()) status = conformance::app::coverage(place, as_json);
        if (show->parsed()) status = conformance::app::show(place, id);
        if (broker->parsed()) status = conformance::app::run_broker(place, run, target);
        if (ask->parsed()) status = conformance::app::ask(asked);
        if (diff->parsed()) status = conformance::app::diff(differences);
        if (fuzz->parsed()) status = conformance::app::fuzz_peer(place, fuzzed);
        if (client->parsed()) status = conformance::app::run_client(place, run, command);
    } catch (const std::exception& error) {
        std::cerr << "amqp-conformance: a defect of this program: " << error.what() << "\n";
    }
    return static_cast<int>(status);
}
