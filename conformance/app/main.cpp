// The command line of amqp-conformance.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <span>
#include <string>

#include "conformance/app/run_options.hpp"
#include "conformance/app/shim_programs.hpp"

namespace {

using conformance::app::add_run_options;
using conformance::app::AskArguments;
using conformance::app::DiffArguments;
using conformance::app::explain;
using conformance::app::Place;
using conformance::app::repeatable;
using conformance::app::ReportArguments;
using conformance::app::RunArguments;
using conformance::app::Status;

constexpr int usage_error = 2;

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

CLI::App* add_broker(CLI::App& app, std::string& target, RunArguments& run) {
    auto* broker = app.add_subcommand("broker", "Check a broker");
    broker->add_option("target", target, "amqp://user:password@host:port/vhost, or simulated")->required();
    add_run_options(*broker, run);
    add_operator_option(*broker, run.operator_command);
    return broker;
}

CLI::App* add_client(CLI::App& app, std::vector<std::string>& command, RunArguments& run) {
    auto* client = app.add_subcommand("client", "Check a client");
    client
        ->add_option(
            "shim", command, "A shim of ours (pika, aio-pika@newest), all of them (all), or after -- the command of any"
        )
        ->required();
    add_run_options(*client, run);
    return client;
}

CLI::App* add_report(CLI::App& app, ReportArguments& arguments) {
    auto* report = app.add_subcommand("report", "Several runs side by side, from their JSON reports");
    report->add_option("files", arguments.files, "As --json has written them, best with --json-frames")->required();
    report->add_option("--html", arguments.html, "The HTML file to write")->required();
    return report;
}

}  // namespace

int main(int argc, char** argv) {
    if (const auto status = conformance::app::become_shim_program(argc, argv)) return *status;
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
    auto* broker = add_broker(app, target, run);

    std::vector<std::string> command;
    auto* client = add_client(app, command, run);

    app.add_subcommand("shim-check", "Check whether a shim implements the contract of conformance/shim/README.md");
    app.add_subcommand("interop", "Every pair of clients: does one receive what the other publishes?");
    auto* lists = app.add_subcommand("deviations", "Check the lists of expected failures against the scenarios");
    ReportArguments reported;
    auto* report = add_report(app, reported);

    AskArguments asked;
    bool in_process = false;
    auto* ask = app.add_subcommand("ask", "Ask a broker the questions of dialogues, print or compare its answers");
    add_ask_options(*ask, asked, in_process);
    add_operator_option(*ask, asked.operator_command);

    DiffArguments differences;
    auto* diff =
        app.add_subcommand("diff", "Drive two brokers with the same random sequences, and shrink a difference");
    add_diff_options(*diff, differences);

    const std::span words(argv, static_cast<std::size_t>(argc));
    try {
        app.parse(argc, argv);
        if (ask->parsed() && !in_process && asked.target.empty()) throw CLI::RequiredError("target or --in-process");
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help
        std::cerr << "amqp-conformance: " << explain(app, error, words) << "\nRun with --help for more information.\n";
        return usage_error;
    }
    run.repeat = repeatable(words);
    auto status = Status::nothing_ran;
    try {
        if (list->parsed()) status = conformance::app::list(place, as_json);
        if (coverage->parsed()) status = conformance::app::coverage(place, as_json);
        if (show->parsed()) status = conformance::app::show(place, id);
        if (lists->parsed()) status = conformance::app::deviations(place);
        if (broker->parsed()) status = conformance::app::run_broker(place, run, target);
        if (report->parsed()) status = conformance::app::report(reported);
        if (ask->parsed()) status = conformance::app::ask(asked);
        if (diff->parsed()) status = conformance::app::diff(differences);
        if (client->parsed()) status = conformance::app::run_client(place, run, command);
    } catch (const std::exception& error) {
        std::cerr << "amqp-conformance: a defect of this program: " << error.what() << "\n";
    }
    return static_cast<int>(status);
}
