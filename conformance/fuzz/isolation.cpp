#include "conformance/fuzz/isolation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <fstream>

#include "conformance/runner/file_descriptor.hpp"

namespace conformance::fuzz {

namespace {

using runner::FileDescriptor;

constexpr std::size_t most_complaints = 1500;

void limit_memory(std::size_t more) {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto most = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + more;
    const rlimit limit{most, most};
    ::setrlimit(RLIMIT_AS, &limit);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
}

[[noreturn]] void be_the_child(
    const std::function<void(const Say&)>& work, int pipe, int complaints, std::size_t memory
) {
    ::dup2(complaints, STDERR_FILENO);
    limit_memory(memory);
    try {
        work([pipe](const std::string& line) {
            const auto text = line + "\n";
            [[maybe_unused]] const auto written = ::write(pipe, text.data(), text.size());
        });
    } catch (const std::exception& error) {
        ::dprintf(STDERR_FILENO, "an exception: %s\n", error.what());
        ::abort();
    }
    ::_exit(0);
}

// What it says until it ends; whether it was silent for too long.
bool listen(int pipe, std::chrono::milliseconds silence, std::string& said) {
    std::array<char, 4096> buffer;
    while (true) {
        pollfd waiting{pipe, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(silence.count())) == 0) return false;
        const auto count = ::read(pipe, buffer.data(), buffer.size());
        if (count <= 0) return true;
        said.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

std::string last_of(int file) {
    const auto size = ::lseek(file, 0, SEEK_END);
    const auto begin = std::max<off_t>(0, size - static_cast<off_t>(most_complaints));
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - begin)), '\0');
    const auto count = ::pread(file, text.data(), text.size(), begin);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, count)));
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

IsolatedRun run_isolated(const std::function<void(const Say&)>& work, const Limits& limits) {
    IsolatedRun run;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {{}, "no pipe to a process of its own"};
    const FileDescriptor reading(ends[0]);
    FileDescriptor writing(ends[1]);
    const FileDescriptor complaints(::memfd_create("stderr", MFD_CLOEXEC));
    const auto child = ::fork();
    if (child < 0) return {{}, "no process of its own"};
    if (child == 0) be_the_child(work, writing.number(), complaints.number(), limits.memory);
    writing.close();
    const bool in_time = listen(reading.number(), limits.silence, run.said);
    if (!in_time) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto why = last_of(complaints.number());
    if (!in_time) {
        run.death = fmt::format("no end within {} ms", limits.silence.count());
    } else if (WIFSIGNALED(status)) {
        run.death = fmt::format("signal {}{}{}", WTERMSIG(status), why.empty() ? "" : ": ", why);
    } else if (status != 0) {
        run.death = fmt::format("exit status {}{}{}", WEXITSTATUS(status), why.empty() ? "" : ": ", why);
    }
    return run;
}

}  // namespace conformance::fuzz
