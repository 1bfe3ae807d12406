#include "conformance/report/run.hpp"

#include <fmt/format.h>

namespace conformance::report {

std::string with_options(const std::string& command, const std::string& options) {
    if (options.empty()) return command;
    const auto end = std::min(command.find(" -- "), command.size());
    return fmt::format("{} {}{}", command.substr(0, end), options, command.substr(end));
}

std::string repeat_command(const std::string& command, const runner::Result& result) {
    const auto* gap = result.repeat_with.empty() ? "" : " ";
    return with_options(command, fmt::format("--select '{}'{}{}", result.scenario->id, gap, result.repeat_with));
}

}  // namespace conformance::report
