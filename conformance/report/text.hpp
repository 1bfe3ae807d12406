// The report for people: what went wrong with its details, or a line for each scenario as it ends, and the sum.
#pragma once

#include <ostream>

#include "conformance/report/run.hpp"

namespace conformance::report {

enum class Colour : std::uint8_t { none, ansi };
enum class Progress : std::uint8_t { none, line };  // a line that is overwritten: terminals only

enum class Lines : std::uint8_t { what_is_not_right, all };

struct TextOptions {
    Colour colour = Colour::none;
    Progress progress = Progress::none;
    Lines lines = Lines::what_is_not_right;
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
    std::size_t not_right_ = 0;
};

}  // namespace conformance::report
