// Starts `simbroker serve --port 0`, reads its first line, looks into /proc, and ends it.
#include "bench/startup.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

namespace bench {

namespace {

double resident_megabytes(pid_t process) {
    std::ifstream status(fmt::format("/proc/{}/status", process));
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) return kilobytes / 1024;
    }
    return 0;
}

std::string first_line(int descriptor) {
    std::string line;
    char octet = 0;
    while (::read(descriptor, &octet, 1) == 1 && octet != '\n') line += octet;
    return line;
}

}  // namespace

std::expected<Startup, std::string> start_and_measure(const std::string& simbroker) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) return std::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
    const auto start = std::chrono::steady_clock::now();
    const auto process = ::fork();
    if (process < 0) return std::unexpected(fmt::format("fork: {}", std::strerror(errno)));
    if (process == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::execl(simbroker.c_str(), simbroker.c_str(), "serve", "--port", "0", "--quiet", nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    const auto line = first_line(pipe[0]);
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - start;
    const Startup startup{passed.count(), resident_megabytes(process)};
    ::kill(process, SIGTERM);
    ::waitpid(process, nullptr, 0);
    ::close(pipe[0]);
    if (!line.starts_with("ready ")) {
        return std::unexpected(fmt::format("{}: expected a line \"ready ...\", got \"{}\"", simbroker, line));
    }
    return startup;
}

}  // namespace bench
