#include "simbroker/model/pattern.hpp"

#include <fmt/format.h>

#include <boost/regex.hpp>
#include <stdexcept>

namespace simbroker::model {
namespace {

// PCRE's words for the mistakes an operator makes.
std::string described(const boost::regex_error& error, std::size_t length) {
    switch (error.code()) {
        case boost::regex_constants::error_paren: return fmt::format("{{\"missing )\",{}}}", length);
        case boost::regex_constants::error_brack:
            return fmt::format("{{\"missing terminating ] for character class\",{}}}", length);
        case boost::regex_constants::error_badrepeat:
            return fmt::format("{{\"nothing to repeat\",{}}}", error.position());
        default: return fmt::format("{{\"{}\",{}}}", error.what(), error.position());
    }
}

}  // namespace

struct Pattern::Program {
    boost::regex expression;
};

std::expected<Pattern, std::string> Pattern::compile(std::string_view text) {
    Pattern pattern;
    pattern.text_ = text;
    pattern.finds_all_ = text == ".*" || text == "^.*" || text == ".*$" || text == "^.*$";
    try {
        pattern.program_ = std::make_shared<const Program>(Program{boost::regex(text.begin(), text.end())});
    } catch (const boost::regex_error& error) {
        return std::unexpected(described(error, text.size()));
    }
    return pattern;
}

bool Pattern::found_in(std::string_view name) const {
    if (finds_all_) return true;
    if (!program_) return false;
    try {
        const auto as_perl = boost::match_single_line | boost::match_not_dot_newline;
        return boost::regex_search(name.begin(), name.end(), program_->expression, as_perl);
    } catch (const std::runtime_error&) {  // too complex: Erlang's re says nomatch
        return false;
    }
}

}  // namespace simbroker::model
