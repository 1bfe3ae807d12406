#include "conformance/runner/shim_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace conformance::runner {

namespace {

constexpr std::size_t most_errors_kept = 1 << 16;
constexpr std::size_t longest_line = 64 << 20;
constexpr int write_patience = 10000;  // milliseconds

struct Pair {
    FileDescriptor ours;
    FileDescriptor theirs;
};

// Sockets rather than pipes: writing to one whose reader is gone is an error then, and no signal.
std::optional<Pair> channel() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return Pair{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

// All there is now; whether more may come.
bool drain(const FileDescriptor& from, std::string& into) {
    std::array<char, 1 << 16> buffer;
    while (from.open()) {
        const auto count = ::read(from.number(), buffer.data(), buffer.size());
        if (count > 0) {
            into.append(buffer.data(), static_cast<std::size_t>(count));
        } else {
            return count < 0 && (errno == EAGAIN || errno == EINTR);
        }
    }
    return false;
}

}  // namespace

std::expected<ShimProcess, std::string> ShimProcess::start(const std::vector<std::string>& command) {
    if (command.empty()) return std::unexpected("the command of the shim is empty");
    auto input = channel();
    auto output = channel();
    auto errors = channel();
    if (!input || !output || !errors) return std::unexpected(fmt::format("no socket pair: {}", std::strerror(errno)));

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input->theirs.number(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output->theirs.number(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, errors->theirs.number(), STDERR_FILENO);
    std::vector<char*> arguments;
    for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);

    ShimProcess process;
    const auto failed =
        ::posix_spawnp(&process.pid_.number, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        process.pid_.number = -1;
        return std::unexpected(fmt::format("{}: {}", command[0], std::strerror(failed)));
    }
    process.exit_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, process.pid_.number, 0)));
    process.input_ = std::move(input->ours);
    process.output_ = std::move(output->ours);
    process.stderr_ = std::move(errors->ours);
    return process;
}

ShimProcess::~ShimProcess() {
    if (pid_.number < 0) return;
    kill();
    ::waitpid(pid_.number, nullptr, 0);
}

void ShimProcess::kill() {
    if (pid_.number > 0) ::kill(pid_.number, SIGKILL);
}

std::size_t ShimProcess::memory() const {
    if (pid_.number < 0) return 0;
    std::size_t pages = 0;
    std::size_t resident = 0;
    std::ifstream(fmt::format("/proc/{}/statm", pid_.number)) >> pages >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool ShimProcess::send_line(const std::string& line) {
    const auto text = line + "\n";
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto count = ::send(input_.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count > 0) {
            rest.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) return false;
        auto waiting = descriptors();
        waiting.push_back({input_.number(), POLLOUT, 0});
        if (::poll(waiting.data(), waiting.size(), write_patience) <= 0) return false;
        serve();
        if (ended_) return false;
    }
    return true;
}

void ShimProcess::end_input() { ::shutdown(input_.number(), SHUT_WR); }

std::vector<pollfd> ShimProcess::descriptors() const {
    std::vector<pollfd> all;
    for (const auto* descriptor : {&exit_, &output_, &stderr_}) {
        if (descriptor->open()) all.push_back({descriptor->number(), POLLIN, 0});
    }
    return all;
}

void ShimProcess::serve() {
    pollfd gone{exit_.number(), POLLIN, 0};
    const bool has_ended = exit_.open() && ::poll(&gone, 1, 0) == 1;
    read_output();
    read_errors();
    if (has_ended) reap();
}

void ShimProcess::read_output() {
    if (!output_.open()) return;
    const bool more = drain(output_, unfinished_);
    std::size_t begin = 0;
    for (auto end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n', begin)) {
        lines_.push_back(unfinished_.substr(begin, end - begin));
        begin = end + 1;
    }
    unfinished_.erase(0, begin);
    if (unfinished_.size() > longest_line) kill();
    if (!more) output_.close();
}

void ShimProcess::read_errors() {
    if (!stderr_.open()) return;
    if (!drain(stderr_, errors_)) stderr_.close();
    if (errors_.size() > most_errors_kept) errors_.erase(0, errors_.size() - most_errors_kept);
}

void ShimProcess::reap() {
    int status = 0;
    if (::waitpid(pid_.number, &status, 0) != pid_.number) return;
    pid_.number = -1;
    exit_.close();
    ended_ = WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                               : fmt::format("signal {}", WTERMSIG(status));
}

std::vector<std::string> ShimProcess::take_lines() { return std::exchange(lines_, {}); }

}  // namespace conformance::runner
