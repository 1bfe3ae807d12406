#include "conformance/report/junit.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "conformance/runner/suite.hpp"

namespace conformance::report {

using runner::Result;
using runner::Verdict;

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct CodePoint {
    std::uint32_t value;
    std::size_t octets;
};

// The code point at the start of `text`; nothing: no UTF-8.
std::optional<CodePoint> decode(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const auto first = octet(0);
    if (first < 0x80) return CodePoint{first, 1};
    const std::size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (first < 0xc2 || first > 0xf4 || text.size() < count) return {};
    auto value = first & (0xffU >> (count + 1));
    for (std::size_t i = 1; i < count; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return {};
        value = value << 6 | (octet(i) & 0x3f);
    }
    if (value < least[count] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return {};
    return CodePoint{value, count};
}

// XML 1.0, production [2] Char
bool allowed(std::uint32_t value) {
    if (value < 0x20) return value == '\t' || value == '\n' || value == '\r';
    return value != 0xfffe && value != 0xffff;
}

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
    return text + "repeat: " + repeat_command(run.command, result.scenario->id) + "\n";
}

std::string outcome_of(const Result& result, const Run& run) {
    const auto element = [&](std::string_view name) {
        return fmt::format(
            "    <{0} message=\"{1}\">{2}</{0}>\n", name, xml_text(result.message), xml_text(body_of(result, run))
        );
    };
    switch (result.verdict) {
        case Verdict::pass: return "";
        case Verdict::fail:
        case Verdict::unexpected_pass: return element("failure");
        case Verdict::inconclusive: return element("error");
        case Verdict::unsupported: return fmt::format("    <skipped message=\"{}\"/>\n", xml_text(result.message));
        case Verdict::expected_failure:
            return fmt::format(
                "    <skipped message=\"{}\"/>\n",
                xml_text(fmt::format("expected failure: {} ({})", result.reason, result.link))
            );
    }
    return "";
}

double seconds(const Result& result) { return std::chrono::duration<double>(result.took).count(); }

}  // namespace

std::string xml_text(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto point = decode(text);
        const std::size_t octets = point ? point->octets : 1;
        if (!point || !allowed(point->value)) {
            result += replacement;
        } else if (text[0] == '&') {
            result += "&amp;";
        } else if (text[0] == '<') {
            result += "&lt;";
        } else if (text[0] == '>') {
            result += "&gt;";
        } else if (text[0] == '"') {
            result += "&quot;";
        } else {
            result += text.substr(0, octets);
        }
        text.remove_prefix(octets);
    }
    return result;
}

std::string to_junit(const Run& run) {
    const auto failures =
        runner::count(run.results, Verdict::fail) + runner::count(run.results, Verdict::unexpected_pass);
    const auto skipped =
        runner::count(run.results, Verdict::unsupported) + runner::count(run.results, Verdict::expected_failure);
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
