// report: the JSON reports of several runs, side by side in one HTML file.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <iostream>

#include "conformance/app/arguments.hpp"
#include "conformance/app/html_file.hpp"
#include "conformance/report/html.hpp"

namespace conformance::app {

namespace {

std::expected<nlohmann::json, std::string> read_report(const std::string& path) {
    std::ifstream file(path);
    if (!file) return std::unexpected(fmt::format("{}: it cannot be read", path));
    auto report = nlohmann::json::parse(file, nullptr, false);
    if (report.is_discarded()) return std::unexpected(fmt::format("{}: it is no JSON", path));
    if (const auto wrong = report::json_report_error(report))
        return std::unexpected(fmt::format("{}: {}", path, *wrong));
    return report;
}

}  // namespace

bool write_html(const std::string& path, const std::vector<nlohmann::json>& reports) {
    const auto now = std::chrono::floor<std::chrono::minutes>(std::chrono::system_clock::now());
    std::ofstream file(path);
    file << report::to_html(reports, fmt::format("{:%Y-%m-%d %H:%M} UTC", now)) << std::flush;
    if (file) return true;
    std::cerr << fmt::format("amqp-conformance: the report {} cannot be written\n", path);
    return false;
}

Status report(const ReportArguments& arguments) {
    std::vector<nlohmann::json> reports;
    for (const auto& file : arguments.files) {
        auto read = read_report(file);
        if (!read) {
            std::cerr << "amqp-conformance: " << read.error() << "\n";
            return Status::nothing_ran;
        }
        reports.push_back(std::move(*read));
    }
    return write_html(arguments.html, reports) ? Status::as_expected : Status::nothing_ran;
}

}  // namespace conformance::app
