// The report for people: a line a scenario as it comes, details of what went wrong, and a summary.
#pragma once

#include <ostream>

#include "conformance/report/run.hpp"

namespace conformance::report {

enum class Colour : std::uint8_t { none, ansi };
enum class Progress : std::uint8_t { none, line };  // a line that is overwritten: terminals only

struct TextOptions {
    Colour colour = Colour::none;
    Progress progress = Progress::none;
};

class TextReport {
public:
    TextReport(std::ostream& out, TextOptions options, std::string command, std::size_t total)
        : out_(out), options_(options), command_(std::move(command)), total_(total) {}

    void begin(const catalogue::Scenario&);
    void add(const runner::Result&);
    void summary(const Run&);

private:
    std::string painted(std::string_view text, runner::Verdict) const;
    void clear_progress();
    void details(const runner::Result&);

    std::ostream& out_;
    TextOptions options_;
    std::string command_;
    std::size_t total_;
    std::size_t done_ = 0;
};

}  // namespace conformance::report
