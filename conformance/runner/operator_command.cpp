#include "conformance/runner/operator_command.hpp"

#include <fmt/format.h>
#include <stdio.h>
#include <sys/wait.h>

#include <array>
#include <optional>
#include <sstream>

namespace conformance::runner {

namespace {

using simbroker::CloseConnection;
using simbroker::Operate;
using simbroker::SetAlarm;
using Words = std::vector<std::string>;

std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

// A broker raises an alarm when it thinks itself short of something: with a watermark of nothing, or a limit no disk
// has.
Words alarm(const SetAlarm& set) {
    const bool raised = set.state == SetAlarm::State::raised;
    if (set.resource == SetAlarm::Resource::disk) return {"set_disk_free_limit", raised ? "900000GB" : "50MB"};
    return {"set_vm_memory_high_watermark", raised ? "0" : "0.4"};
}

std::optional<Words> words_of(const simbroker::Input& input) {
    if (const auto* operate = std::get_if<Operate>(&input)) return simbroker::command_of(operate->operation);
    if (const auto* set = std::get_if<SetAlarm>(&input)) return alarm(*set);
    if (std::holds_alternative<simbroker::Shutdown>(input)) return Words{"stop_app"};
    if (std::holds_alternative<simbroker::Start>(input)) return Words{"start_app"};
    return {};
}

}  // namespace

bool OperatorCommand::can(const simbroker::Input& input) {
    return std::holds_alternative<CloseConnection>(input) || words_of(input).has_value();
}

std::expected<void, std::string> OperatorCommand::perform(const simbroker::Input& input, std::uint16_t local_port)
    const {
    auto words = words_of(input);
    if (const auto* close = std::get_if<CloseConnection>(&input)) {
        const auto pid = pid_of_connection(local_port);
        if (!pid) return std::unexpected(pid.error());
        words = {"close_connection", *pid, close->reason};
    }
    if (!words) return std::unexpected("no operator of a real broker can do this");
    const auto said = run(*words);
    if (!said) return std::unexpected(said.error());
    return {};
}

std::expected<std::string, std::string> OperatorCommand::run(const Words& words) const {
    auto line = command_;
    for (const auto& word : words) line += " " + quoted(word);
    auto* stream = ::popen((line + " 2>&1").c_str(), "re");
    if (stream == nullptr) return std::unexpected(line + ": cannot be started");
    std::string said;
    std::array<char, 4096> buffer;
    while (const auto count = ::fread(buffer.data(), 1, buffer.size(), stream)) said.append(buffer.data(), count);
    const auto status = ::pclose(stream);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said;
    return std::unexpected(fmt::format("{}: {}", line, said));
}

// A connection is listed a moment after it was opened.
std::expected<std::string, std::string> OperatorCommand::pid_of_connection(std::uint16_t local_port) const {
    constexpr int attempts = 20;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto listed = run({"list_connections", "-q", "--no-table-headers", "pid", "peer_port"});
        if (!listed) return std::unexpected(listed.error());
        std::istringstream lines(*listed);
        for (std::string pid, port; lines >> pid >> port;) {
            if (port == std::to_string(local_port)) return pid;
        }
    }
    return std::unexpected(fmt::format("no connection from port {} is listed", local_port));
}

}  // namespace conformance::runner
