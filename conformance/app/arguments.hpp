// The command line of amqp-conformance as values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "conformance/catalogue/loader.hpp"
#include "conformance/runner/suite.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/core/prng.hpp"

namespace conformance::app {

// status 0: all as expected; 1: some not; 2: usage, or nothing ran.
// 3: the shim cannot start on this machine.
enum class Status : int { as_expected = 0, not_as_expected = 1, nothing_ran = 2, unavailable = 3 };

// What all subcommands share.
struct Place {
    std::filesystem::path source;  // the tree with scenarios/ and conformance/
    std::string scenarios;         // --scenarios DIR instead of source/scenarios

    catalogue::CataloguePaths catalogue() const;
    std::filesystem::path deviations() const;
    // The command of a shim of ours, by name (pika) or name and release (pika@newest).
    std::optional<std::vector<std::string>> shim(const std::string& name) const;
    std::vector<std::string> shims() const;  // the names
};

// What the catalogue can be held against.
enum class Ledger : std::uint8_t { requirements, defects, violations };

struct RunArguments {
    std::string profile = "rabbitmq-4.3";
    simbroker::Seed seed = 0;
    std::string operator_command;

    // Which scenarios, and in which order.
    std::vector<std::string> select;
    std::vector<std::string> skip;
    std::vector<std::string> levels;
    std::vector<std::string> families;
    std::vector<std::string> clauses;
    bool list = false;
    bool shuffle = false;

    // How they run, and what is held against the peer.
    std::string timeout = "5s";
    std::string max_wait = "15s";
    unsigned jobs = 1;
    bool repeat_until_failure = false;
    std::string wire = "whole";
    std::size_t cut = 0;  // with wire cut-each-step: only after this frame
    bool strict = false;
    std::vector<std::string> deviations;

    // What is told, and where.
    bool verbose = false;
    std::string junit;
    std::string json;
    bool json_frames = false;  // of what passes, too
    std::string html;
    std::string summary;
    std::string badge;
    std::string trace_dir;
    std::string repeat;  // the words of the command line that say which peer, and how it is asked
};

struct ReportArguments {
    std::vector<std::string> files;  // as --json has written them
    std::string html;
};

struct AskArguments {
    std::string dialogues;  // a file or a folder
    std::string target;     // amqp://..., or nothing: in process
    std::string profile = "rabbitmq-4.3";
    simbroker::Seed seed = 0;
    std::vector<std::string> select;
    std::string answers;  // compare with these
    std::string write;    // or write them
    unsigned jobs = 1;
    bool durable_queues = false;
    bool deny_deprecated = false;
    std::string operator_command;
    bool configured = false;  // the broker is configured as the dialogues want it
};

struct DiffArguments {
    std::vector<std::string> targets;  // two, or one and in_process
    bool in_process = false;
    std::string profile = "rabbitmq-4.3";
    simbroker::Seed seed = 0;
    std::uint64_t first = 0;
    std::uint64_t sequences = 100;
    std::size_t operations = 40;
    std::size_t most = 1;
    unsigned jobs = 1;
    bool show_races = false;
    std::string repeat;  // the command line
};

struct FuzzArguments {
    std::string role;               // client or broker
    std::vector<std::string> peer;  // a URL or simulated; a shim of ours or its command
    std::string profile = "rabbitmq-4.3";
    simbroker::Seed seed = 1;
    std::uint64_t first = 0;
    std::uint64_t cases = 10000;
    std::size_t most = 1;
    unsigned jobs = 4;
    std::string folder = "fuzz-findings";
    std::string repeat;  // the command line without what chooses cases
};

Status list(const Place&, bool as_json);
Status coverage(const Place&, Ledger, bool as_json);
Status show(const Place&, const std::string& id);
Status deviations(const Place&);
Status run_broker(const Place&, const RunArguments&, const std::string& target);
Status report(const ReportArguments&);
Status ask(const AskArguments&);
Status diff(const DiffArguments&);
Status fuzz_peer(const Place&, const FuzzArguments&);
Status run_client(const Place&, const RunArguments&, const std::vector<std::string>& command);

// An option that was not right: said on stderr.
Status refuse(const std::string& why);

// On stderr: what the launcher of a shim fetches or builds.
void tell_preparing(const std::string& what);

}  // namespace conformance::app
