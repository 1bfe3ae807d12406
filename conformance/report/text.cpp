#include "conformance/report/text.hpp"

#include <fmt/format.h>

#include "conformance/report/verdicts.hpp"

namespace conformance::report {

using runner::Result;
using runner::Verdict;

namespace {

std::string_view colour_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass: return "\x1b[32m";
        case Verdict::fail:
        case Verdict::unexpected_pass: return "\x1b[1;31m";
        case Verdict::inconclusive: return "\x1b[35m";
        case Verdict::warning:
        case Verdict::unsupported:
        case Verdict::expected_failure: return "\x1b[33m";
    }
    return "";
}

std::string indented(std::string_view text, std::string_view indent) {
    std::string result(indent);
    for (const char c : text) {
        result += c;
        if (c == '\n') result += indent;
    }
    return result;
}

}  // namespace

std::string TextReport::painted(std::string_view text, Verdict verdict) const {
    if (options_.colour == Colour::none) return std::string(text);
    return fmt::format("{}{}\x1b[0m", colour_of(verdict), text);
}

void TextReport::clear_progress() {
    if (options_.progress == Progress::line) out_ << "\r\x1b[K";
}

void TextReport::begin(const catalogue::Scenario& scenario) {
    if (options_.progress != Progress::line) return;
    const auto bad = not_right_ == 0 ? std::string() : fmt::format(", {} not as expected", not_right_);
    out_ << fmt::format("\r\x1b[K[{}/{}{}] {}", done_ + 1, total_, bad, scenario.id) << std::flush;
}

void TextReport::add(const Result& result) {
    ++done_;
    const bool right = runner::as_expected(result.verdict);
    if (!right) ++not_right_;
    if (right && result.verdict != Verdict::warning && options_.lines != Lines::all) return;
    clear_progress();
    const auto verdict = fmt::format("{:<16}", runner::to_string(result.verdict));
    out_ << fmt::format(
        "{} {:<9} {}\n",
        painted(verdict, result.verdict),
        catalogue::to_string(result.scenario->level),
        result.scenario->id
    );
    if (result.verdict == Verdict::unsupported) out_ << indented(result.message, "    ") << "\n";
    if (!result.reason.empty()) out_ << fmt::format("    expected: {} ({})\n", result.reason, result.link);
    if (result.verdict == Verdict::warning) out_ << fmt::format("    {}: {}\n", to_string(result.at), result.message);
    if (!right) details(result);
    out_ << std::flush;
}

void TextReport::details(const Result& result) {
    out_ << fmt::format("    {}: {}\n", to_string(result.at), result.message);
    if (!result.scenario->title.empty()) out_ << fmt::format("    about:   {}\n", result.scenario->title);
    if (!result.scenario->clauses.empty())
        out_ << fmt::format("    clauses: {}\n", fmt::join(result.scenario->clauses, " "));
    if (!result.transcript.empty()) out_ << "    the conversation:\n";
    for (const auto& line : result.transcript) out_ << indented(line, "      ") << "\n";
    if (!result.shim_errors.empty())
        out_ << "    stderr of the shim:\n" << indented(result.shim_errors, "      ") << "\n";
    if (!result.trace.empty()) out_ << fmt::format("    trace:   simbroker trace show {}\n", result.trace);
    out_ << fmt::format("    repeat:  {}\n", repeat_command(command_, result));
}

void TextReport::summary(const Run& run) {
    clear_progress();
    std::string counts;
    for (const auto& [verdict, number] : counts_of(run)) {
        const auto text = fmt::format("{} {}", number, runner::to_string(verdict));
        counts += (counts.empty() ? "" : ", ") + (number == 0 ? text : painted(text, verdict));
    }
    const auto seconds = run.took.count();
    out_ << fmt::format("\n{}: {} scenarios ran: {} ({:.1f} s)\n", run.peer, run.results.size(), counts, seconds);
    out_ << std::flush;
}

}  // namespace conformance::report
