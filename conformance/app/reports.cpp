#include "conformance/app/reports.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "conformance/app/html_file.hpp"
#include "conformance/report/badge.hpp"
#include "conformance/report/json.hpp"
#include "conformance/report/junit.hpp"
#include "conformance/report/markdown.hpp"

namespace conformance::app {

namespace {

bool write(const std::string& path, const std::string& text, std::ios::openmode mode = std::ios::out) {
    std::ofstream file(path, mode);
    file << text << std::flush;
    if (file) return true;
    std::cerr << fmt::format("amqp-conformance: the report {} cannot be written\n", path);
    return false;
}

}  // namespace

bool write_reports(const RunArguments& arguments, const report::Run& run) {
    bool written = true;
    const auto frames = arguments.json_frames ? report::Frames::of_all : report::Frames::of_what_did_not_pass;
    if (!arguments.json.empty()) written &= write(arguments.json, report::dump(report::to_json(run, frames)) + "\n");
    if (!arguments.html.empty()) written &= write_html(arguments.html, {report::to_json(run, report::Frames::of_all)});
    if (!arguments.junit.empty()) written &= write(arguments.junit, report::to_junit(run));
    // The steps of a job share the file of its summary.
    if (!arguments.summary.empty()) written &= write(arguments.summary, report::to_markdown(run), std::ios::app);
    if (!arguments.badge.empty()) written &= write(arguments.badge, report::to_badge(run));
    return written;
}

}  // namespace conformance::app
