#include "conformance/report/badge.hpp"

#include <fmt/format.h>

#include "conformance/report/xml.hpp"
#include "conformance/runner/suite.hpp"

namespace conformance::report {

using runner::Verdict;

namespace {

constexpr std::string_view green = "#2d7d46";   // all pass
constexpr std::string_view yellow = "#8a6d00";  // what fails is known
constexpr std::string_view red = "#b3261e";
constexpr std::string_view label = "AMQP 0-9-1";

constexpr int height = 20;
constexpr int padding = 7;

// A font of 11 px without its metrics at hand: textLength makes the text fit whatever the estimate.
int width_of(std::string_view text) { return static_cast<int>(text.size()) * 13 / 2; }

std::string_view colour_of(const Run& run, std::size_t passed, std::size_t asked) {
    if (asked == 0 || !runner::all_as_expected(run.results)) return red;
    return passed == asked ? green : yellow;
}

std::string text_at(int x, std::string_view text) {
    return fmt::format(
        "  <text x=\"{}\" y=\"14\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>\n",
        x + padding,
        width_of(text),
        xml_text(text)
    );
}

}  // namespace

std::string to_badge(const Run& run) {
    const auto passed = runner::count(run.results, Verdict::pass);
    const auto asked = run.results.size() - runner::count(run.results, Verdict::unsupported);
    const auto value = fmt::format("{} of {} pass", passed, asked);
    const auto left = width_of(label) + 2 * padding;
    const auto right = width_of(value) + 2 * padding;
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" role=\"img\" aria-label=\"{2}: {3}\">\n"
        "  <title>{4}: {3}</title>\n"
        "  <clipPath id=\"round\"><rect width=\"{0}\" height=\"{1}\" rx=\"3\"/></clipPath>\n"
        "  <g clip-path=\"url(#round)\">\n"
        "    <rect width=\"{5}\" height=\"{1}\" fill=\"#3b3f46\"/>\n"
        "    <rect x=\"{5}\" width=\"{6}\" height=\"{1}\" fill=\"{7}\"/>\n"
        "  </g>\n"
        "  <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\n"
        "{8}{9}"
        "  </g>\n"
        "</svg>\n",
        left + right,
        height,
        label,
        xml_text(value),
        xml_text(run.peer),
        left,
        right,
        colour_of(run, passed, asked),
        text_at(0, label),
        text_at(left, value)
    );
}

}  // namespace conformance::report
