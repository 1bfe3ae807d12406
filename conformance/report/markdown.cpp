#include "conformance/report/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/report/verdicts.hpp"
#include "conformance/runner/suite.hpp"

namespace conformance::report {

using catalogue::Level;
using runner::Result;
using runner::Verdict;

namespace {

// GitHub cuts a summary off at one mebibyte; what a run of a dead peer would fill it with helps nobody.
constexpr std::size_t most_failures_told = 50;

// Text from outside within a table: no markup, no end of the cell.
std::string cell(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n' || c == '\r') {
            result += ' ';
        } else if (c == '<') {
            result += "&lt;";
        } else if (c == '&') {
            result += "&amp;";
        } else if (std::string_view("|\\`*_[]~").contains(c)) {
            result += '\\';
            result += c;
        } else {
            result += c;
        }
    }
    return result;
}

// A block that no text can end: its fence is longer than any within.
std::string block(std::string_view text) {
    std::size_t longest = 2;
    for (std::size_t i = 0, run = 0; i < text.size(); ++i) {
        run = text[i] == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    return fmt::format("{0}\n{1}\n{0}\n", fence, text);
}

std::string levels_table(const Run& run) {
    const auto counts = counts_of(run);
    std::string head = "| level |";
    std::string line = "|---|";
    for (const auto& [verdict, number] : counts) {
        head += fmt::format(" {} |", runner::to_string(verdict));
        line += "---:|";
    }
    std::string table = head + "\n" + line + "\n";
    for (const auto level : {Level::must, Level::should, Level::may, Level::extension, Level::robust}) {
        std::string row = fmt::format("| {} |", catalogue::to_string(level));
        std::ptrdiff_t all = 0;
        for (const auto& [verdict, number] : counts) {
            const auto some = std::ranges::count_if(run.results, [&](const Result& result) {
                return result.scenario->level == level && result.verdict == verdict;
            });
            row += fmt::format(" {} |", some);
            all += some;
        }
        if (all > 0) table += row + "\n";
    }
    table += "| **all** |";
    for (const auto& [verdict, number] : counts) table += fmt::format(" **{}** |", number);
    return table + "\n";
}

std::string failure(const Run& run, const Result& result) {
    std::string text = fmt::format(
        "\n<details><summary>{} <b>{}</b> ({})</summary>\n\n{}: {}\n\n",
        runner::to_string(result.verdict),
        cell(result.scenario->id),
        catalogue::to_string(result.scenario->level),
        cell(to_string(result.at)),
        cell(result.message)
    );
    if (!result.transcript.empty()) text += block(fmt::format("{}", fmt::join(result.transcript, "\n")));
    return text + "\nRepeat it:\n\n" + block(repeat_command(run.command, result)) + "\n</details>\n";
}

std::string failures(const Run& run) {
    std::string text;
    std::size_t told = 0;
    for (const auto& result : run.results) {
        if (runner::as_expected(result.verdict) && result.verdict != Verdict::warning) continue;
        if (told++ < most_failures_told) text += failure(run, result);
    }
    if (told > most_failures_told) text += fmt::format("\n... and {} more.\n", told - most_failures_told);
    return text;
}

std::string expected(const Run& run) {
    std::string rows;
    for (const auto& result : run.results) {
        if (result.verdict != Verdict::expected_failure) continue;
        rows += fmt::format("| {} | {} | [link]({}) |\n", cell(result.scenario->id), cell(result.reason), result.link);
    }
    if (rows.empty()) return {};
    return "\n<details><summary>Expected failures</summary>\n\n| scenario | reason | |\n|---|---|---|\n" + rows +
           "\n</details>\n";
}

}  // namespace

std::string to_markdown(const Run& run) {
    const bool good = runner::all_as_expected(run.results) && !run.results.empty();
    return fmt::format(
        "### {} {}\n\n{} scenarios in {:.1f} s.\n\n{}{}{}\n",
        good ? "\u2705" : "\u274c",
        cell(run.peer),
        run.results.size(),
        run.took.count(),
        levels_table(run),
        failures(run),
        expected(run)
    );
}

}  // namespace conformance::report
