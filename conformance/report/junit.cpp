#include "conformance/report/junit.hpp"

#include <fmt/format.h>

#include "conformance/report/xml.hpp"
#include "conformance/runner/suite.hpp"

namespace conformance::report {

using runner::Result;
using runner::Verdict;

namespace {

std::string class_name(const catalogue::Scenario& scenario) {
    auto name = scenario.at.file.substr(0, scenario.at.file.rfind(".yaml"));
    for (auto& c : name) {
        if (c == '/') c = '.';
    }
    return name;
}

std::string body_of(const Result& result, const Run& run) {
    std::string text = fmt::format("{}: {}\n", to_string(result.at), result.message);
    for (const auto& line : result.transcript) text += line + "\n";
    if (!result.shim_errors.empty()) text += "stderr of the shim:\n" + result.shim_errors + "\n";
    return text + "repeat: " + repeat_command(run.command, result) + "\n";
}

std::string outcome_of(const Result& result, const Run& run) {
    const auto element = [&](std::string_view name) {
        return fmt::format(
            "    <{0} message=\"{1}\">{2}</{0}>\n", name, xml_text(result.message), xml_text(body_of(result, run))
        );
    };
    const auto skipped = [](const std::string& why) {
        return fmt::format("    <skipped message=\"{}\"/>\n", xml_text(why));
    };
    switch (result.verdict) {
        case Verdict::pass: return "";
        case Verdict::fail:
        case Verdict::unexpected_pass: return element("failure");
        case Verdict::inconclusive: return element("error");
        case Verdict::warning: return skipped("warning: " + result.message);
        case Verdict::unsupported: return skipped(result.message);
        case Verdict::expected_failure:
            return skipped(fmt::format("expected failure: {} ({})", result.reason, result.link));
    }
    return "";
}

double seconds(const Result& result) { return std::chrono::duration<double>(result.took).count(); }

}  // namespace

std::string to_junit(const Run& run) {
    const auto failures =
        runner::count(run.results, Verdict::fail) + runner::count(run.results, Verdict::unexpected_pass);
    const auto skipped = runner::count(run.results, Verdict::unsupported) +
                         runner::count(run.results, Verdict::warning) +
                         runner::count(run.results, Verdict::expected_failure);
    double total = 0;
    for (const auto& result : run.results) total += seconds(result);
    auto xml = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
        xml_text(run.peer),
        run.results.size(),
        failures,
        runner::count(run.results, Verdict::inconclusive),
        skipped,
        total
    );
    for (const auto& result : run.results) {
        xml += fmt::format(
            "  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n{}  </testcase>\n",
            xml_text(class_name(*result.scenario)),
            xml_text(result.scenario->id),
            seconds(result),
            outcome_of(result, run)
        );
    }
    return xml + "</testsuite>\n";
}

}  // namespace conformance::report
