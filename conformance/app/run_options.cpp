#include "conformance/app/run_options.hpp"

#include <algorithm>
#include <cctype>

#include "conformance/catalogue/closest.hpp"
#include "simbroker/app/whole_number.hpp"

namespace conformance::app {

namespace {

using simbroker::app::whole_number;

// Whether an option of the repeated run is another one's business: what it chooses, or where it reports to.
enum class Takes : std::uint8_t { a_value, nothing };

struct LeftOut {
    std::string_view name;
    Takes takes;
};

constexpr LeftOut left_out[] = {
    {"--select", Takes::a_value},    {"--first", Takes::a_value},   {"--cases", Takes::a_value},
    {"--skip", Takes::a_value},      {"--level", Takes::a_value},   {"--family", Takes::a_value},
    {"--clause", Takes::a_value},    {"--jobs", Takes::a_value},    {"-j", Takes::a_value},
    {"--seed", Takes::a_value},      {"--shuffle", Takes::nothing}, {"--repeat-until-failure", Takes::nothing},
    {"--json", Takes::a_value},      {"--junit", Takes::a_value},   {"--json-frames", Takes::nothing},
    {"--html", Takes::a_value},      {"--summary", Takes::a_value}, {"--badge", Takes::a_value},
    {"--trace-dir", Takes::a_value}, {"--verbose", Takes::nothing}, {"-v", Takes::nothing},
};

std::string quoted(std::string_view word) {
    const auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_./:@%=+,").contains(c);
    };
    if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

void add_choice(CLI::App& app, RunArguments& run) {
    const auto add = [&](const char* name, std::vector<std::string>& into, const char* text) {
        app.add_option(name, into, std::string(text) + "; may be given again")->allow_extra_args(false);
    };
    add("--select", run.select, "Only scenarios of this id or glob");
    add("--skip", run.skip, "Not those");
    add("--level", run.levels, "Only MUST, SHOULD, MAY, EXTENSION or ROBUST");
    add("--family", run.families, "Only those of this family: HB, queue, dead-letter");
    add("--clause", run.clauses, "Only those about this requirement, or glob: '091/basic.ack.*'");
    app.add_flag("--list", run.list, "Print which scenarios these are, and run none");
    app.add_flag("--shuffle", run.shuffle, "In an order that --seed decides, not that of the files");
}

void add_manner(CLI::App& app, RunArguments& run) {
    app.add_option("--jobs,-j", run.jobs, "How many scenarios at a time")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_option("--wire", run.wire, "Role client: whole, split (each octet a segment), coalesce, or cut-each-step")
        ->capture_default_str();
    app.add_option("--cut", run.cut, "With cut-each-step: only after this frame");
    app.add_flag("--repeat-until-failure", run.repeat_until_failure, "Again and again, until something is not right");
    app.add_flag(
        "--strict", run.strict, "What is foretold fails the run, too, and so do SHOULD and MAY that do not hold"
    );
    app.add_option("--deviations", run.deviations, "Expected failures, besides those of scenarios/deviation/")
        ->allow_extra_args(false);
    app.add_option("--timeout", run.timeout, "How long to wait for what a step expects")->capture_default_str();
    app.add_option("--max-wait", run.max_wait, "In real time: the longest `advance` that is waited for")
        ->capture_default_str();
    app.add_option(
           "--profile", run.profile, "The simulated broker's: rabbitmq-4.3, rabbitmq-4.0, rabbitmq-3.10 or strict"
    )
        ->capture_default_str();
    app.add_option("--seed", run.seed, "The simulated broker's, and of --shuffle")
        ->check(whole_number(0))
        ->capture_default_str();
}

void add_reports(CLI::App& app, RunArguments& run) {
    app.add_flag("--verbose,-v", run.verbose, "A line for each scenario, not only for what is not right");
    app.add_option("--junit", run.junit, "Write a JUnit XML report to this file");
    app.add_option("--json", run.json, "Write a JSON report to this file");
    app.add_flag("--json-frames", run.json_frames, "With the conversation of every scenario, not only of failures");
    app.add_option("--html", run.html, "Write a report to look at to this file: one page that fetches nothing");
    app.add_option("--summary", run.summary, "Add a summary in Markdown to this file")->envname("GITHUB_STEP_SUMMARY");
    app.add_option("--badge", run.badge, "Write an SVG badge to this file");
    app.add_option(
        "--trace-dir", run.trace_dir, "What was not right: the simulated broker's trace, for `simbroker replay`"
    );
}

void gather_names(const CLI::App& app, std::vector<std::string>& names) {
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
}

}  // namespace

void add_run_options(CLI::App& app, RunArguments& run) {
    add_choice(app, run);
    add_manner(app, run);
    add_reports(app, run);
}

std::string repeatable(std::span<char* const> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto name = word.substr(0, word.find('='));
        const auto* option = std::ranges::find(left_out, name, &LeftOut::name);
        if (word == "--") {  // the rest is the command of a shim
            for (const auto* rest : words.subspan(i)) text += " " + quoted(rest);
            break;
        }
        if (option == std::end(left_out)) {
            text += (text.empty() ? "" : " ") + quoted(word);
        } else if (option->takes == Takes::a_value && name == word) {
            ++i;
        }
    }
    return text;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error, std::span<char* const> words) {
    std::vector<std::string> names;
    gather_names(app, names);
    for (const auto* subcommand : app.get_subcommands()) gather_names(*subcommand, names);
    const bool chosen = !app.get_subcommands().empty();
    if (!chosen) {
        for (const auto* subcommand : app.get_subcommands([](const auto*) { return true; }))
            names.push_back(subcommand->get_name());
    }
    std::string text = error.what();
    for (const std::string_view word : words.subspan(1)) {
        if (word == "--") break;
        const std::string name(word.substr(0, word.find('=')));
        if (std::ranges::find(names, name) != names.end() || (chosen && !name.starts_with("--"))) continue;
        text += catalogue::did_you_mean(name, names);
        break;
    }
    return text;
}

}  // namespace conformance::app
