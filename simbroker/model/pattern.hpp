// A regular expression of an operator's: in permissions and policies. RabbitMQ takes Perl-compatible ones and looks for
// them anywhere in a name.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace simbroker::model {

class Pattern {
public:
    Pattern() = default;  // matches nothing

    // Or what is wrong, in the notation of Erlang's re module: {"missing )",1}.
    static std::expected<Pattern, std::string> compile(std::string_view text);

    // Work is bounded: an expression that backtracks without end does not match.
    bool found_in(std::string_view name) const;

    const std::string& text() const { return text_; }
    friend bool operator==(const Pattern& a, const Pattern& b) { return a.text_ == b.text_; }

private:
    struct Program;
    std::string text_;
    std::shared_ptr<const Program> program_;
    bool finds_all_ = false;
};

}  // namespace simbroker::model
