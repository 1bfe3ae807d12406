// The command line of amqp-conformance.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <span>
#include <string>

#include "conformance/app/run_options.hpp"
#include "conformance/app/shim_programs.hpp"
#include "simbroker/app/whole_number.hpp"

namespace {

using conformance::app::add_run_options;
using conformance::app::AskArguments;
using conformance::app::DiffArguments;
using conformance::app::explain;
using conformance::app::FuzzArguments;
using conformance::app::Ledger;
using conformance::app::Place;
using conformance::app::repeatable;
using conformance::app::ReportArguments;
using conformance::app::RunArguments;
using conformance::app::Status;
using simbroker::app::whole_number;

constexpr int usage_error = 2;

void add_ask_options(CLI::App& app, AskArguments& ask, bool& in_process) {
    app.add_option("dialogues", ask.dialogues, "A file of dialogues, or a folder of them")->required();
    auto* target = app.add_option("target", ask.target, "amqp://user:password@host:port/vhost");
    app.add_flag("--in-process", in_process, "Ask the simulated broker, in virtual time")->excludes(target);
    app.add_option("--profile", ask.profile, "The simulated broker's")->capture_default_str();
    app.add_option("--seed", ask.seed, "The simulated broker's")->check(whole_number(0))->capture_default_str();
    app.add_flag("--deny-deprecated", ask.deny_deprecated, "The simulated broker refuses what upstream has deprecated");
    app.add_option("--select", ask.select, "Only dialogues of this id or glob; may be given again")
        ->allow_extra_args(false);
    app.add_option("--answers", ask.answers, "Compare with the answers in this file");
    app.add_option("--write", ask.write, "Write the answers to this file");
    app.add_option("--jobs", ask.jobs, "How many to ask at a time")->check(whole_number(1))->capture_default_str();
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
    app.add_option("--seed", diff.seed, "Of the sequences")->check(whole_number(0))->capture_default_str();
    app.add_option("--first", diff.first, "Number of the first sequence")
        ->check(whole_number(0))
        ->capture_default_str();
    app.add_option("--sequences", diff.sequences, "How many sequences")->check(whole_number(1))->capture_default_str();
    app.add_option("--operations", diff.operations, "How many operations each has")
        ->check(whole_number(1))
        ->capture_default_str();
    app.add_option("--most", diff.most, "Stop after so many differences")
        ->check(whole_number(1))
        ->capture_default_str();
    app.add_option("--jobs", diff.jobs, "How many sequences at a time")->check(whole_number(1))->capture_default_str();
    app.add_flag("--show-races", diff.show_races, "Print what differed only as long as things were in flight, too");
}

void add_broker(CLI::App& app, std::string& target, RunArguments& run) {
    auto* broker = app.add_subcommand("broker", "Check a broker");
    broker->add_option("target", target, "amqp://user:password@host:port/vhost, or simulated")->required();
    add_run_options(*broker, run);
    add_operator_option(*broker, run.operator_command);
}

void add_client(CLI::App& app, std::vector<std::string>& command, RunArguments& run) {
    auto* client = app.add_subcommand("client", "Check a client");
    client
        ->add_option(
            "shim", command, "A shim of ours (pika, aio-pika@newest), all of them (all), or after -- the command of any"
        )
        ->required();
    add_run_options(*client, run);
}

void add_report(CLI::App& app, ReportArguments& arguments) {
    auto* report = app.add_subcommand("report", "Several runs side by side, from their JSON reports");
    report->add_option("files", arguments.files, "As --json has written them, best with --json-frames")->required();
    report->add_option("--html", arguments.html, "The HTML file to write")->required();
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
    app.add_option("--seed", fuzz.seed, "Of the conversations")->check(whole_number(0))->capture_default_str();
    app.add_option("--first", fuzz.first, "Number of the first conversation")
        ->check(whole_number(0))
        ->capture_default_str();
    app.add_option("--cases", fuzz.cases, "How many conversations")->check(whole_number(1))->capture_default_str();
    app.add_option("--most", fuzz.most, "Stop after so many findings")->check(whole_number(1))->capture_default_str();
    app.add_option("--jobs", fuzz.jobs, "How many peers at a time, each with a part of the conversations")
        ->check(whole_number(1))
        ->capture_default_str();
    app.add_option("--folder", fuzz.folder, "Where findings are saved as scenarios")->capture_default_str();
}

// Everything that may stand behind the program's name.
struct CommandLine {
    Place place{SIMBROKER_SOURCE_DIR, {}};
    bool as_json = false;
    bool of_defects = false;
    bool of_violations = false;
    std::string id{};
    std::string target{};
    std::vector<std::string> command{};
    bool in_process = false;
    RunArguments run{};
    ReportArguments report{};
    AskArguments ask{};
    DiffArguments diff{};
    FuzzArguments fuzz{};

    Ledger ledger() const {
        return of_violations ? Ledger::violations : of_defects ? Ledger::defects : Ledger::requirements;
    }
};

void declare(CLI::App& app, CommandLine& line) {
    app.require_subcommand(1);
    app.add_option("--scenarios", line.place.scenarios, "The folder of scenarios");
    app.fallthrough();

    auto* list = app.add_subcommand("list", "Every scenario: id, level, role, clauses");
    list->add_flag("--json", line.as_json, "As JSON");

    auto* coverage = app.add_subcommand("coverage", "Every requirement: its scenarios, or why it has none");
    coverage->add_flag("--json", line.as_json, "As JSON");
    auto* defects = coverage->add_flag("--defects", line.of_defects, "Every known defect of clients instead");
    coverage->add_flag("--violations", line.of_violations, "Every violation instead: who provokes it")
        ->excludes(defects);

    auto* show = app.add_subcommand("show", "One scenario and the clauses it is about");
    show->add_option("id", line.id, "Its id")->required();

    add_broker(app, line.target, line.run);
    add_client(app, line.command, line.run);
    app.add_subcommand("shim-check", "Check whether a shim implements the contract of conformance/shim/README.md");
    app.add_subcommand("interop", "Every pair of clients: does one receive what the other publishes?");
    app.add_subcommand("deviations", "Check the lists of expected failures against the scenarios");
    add_report(app, line.report);

    auto* ask = app.add_subcommand("ask", "Ask a broker the questions of dialogues, print or compare its answers");
    add_ask_options(*ask, line.ask, line.in_process);
    add_operator_option(*ask, line.ask.operator_command);

    auto* diff =
        app.add_subcommand("diff", "Drive two brokers with the same random sequences, and shrink a difference");
    add_diff_options(*diff, line.diff);

    auto* fuzz = app.add_subcommand("fuzz", "Say wrong things to a broker or a client, and save what harms it");
    add_fuzz_options(*fuzz, line.fuzz);
}

Status perform(const CLI::App& app, const CommandLine& line) {
    const auto asked = [&](const char* name) { return app.got_subcommand(name); };
    if (asked("list")) return conformance::app::list(line.place, line.as_json);
    if (asked("coverage")) return conformance::app::coverage(line.place, line.ledger(), line.as_json);
    if (asked("show")) return conformance::app::show(line.place, line.id);
    if (asked("deviations")) return conformance::app::deviations(line.place);
    if (asked("broker")) return conformance::app::run_broker(line.place, line.run, line.target);
    if (asked("client")) return conformance::app::run_client(line.place, line.run, line.command);
    if (asked("report")) return conformance::app::report(line.report);
    if (asked("ask")) return conformance::app::ask(line.ask);
    if (asked("diff")) return conformance::app::diff(line.diff);
    if (asked("fuzz")) return conformance::app::fuzz_peer(line.place, line.fuzz);
    return Status::nothing_ran;
}

}  // namespace

int main(int argc, char** argv) {
    if (const auto status = conformance::app::become_shim_program(argc, argv)) return *status;
    CLI::App app("Asks AMQP brokers and clients questions, and judges the answers.", "amqp-conformance");
    CommandLine line;
    declare(app, line);
    const std::span words(argv, static_cast<std::size_t>(argc));
    try {
        app.parse(argc, argv);
        const bool nobody_is_asked = app.got_subcommand("ask") && !line.in_process && line.ask.target.empty();
        if (nobody_is_asked) throw CLI::RequiredError("target or --in-process");
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);  // --help
        std::cerr << "amqp-conformance: " << explain(app, error, words) << "\nRun with --help for more information.\n";
        return usage_error;
    }
    line.run.repeat = line.fuzz.repeat = repeatable(words);
    auto status = Status::nothing_ran;
    try {
        status = perform(app, line);
    } catch (const std::exception& error) {
        std::cerr << "amqp-conformance: a defect of this program: " << error.what() << "\n";
    }
    return static_cast<int>(status);
}
