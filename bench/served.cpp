// Fork, exec, the first line of its standard output, and /proc.
#include "bench/served.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace bench {

namespace {

std::string first_line(int descriptor) {
    std::string line;
    char octet = 0;
    while (::read(descriptor, &octet, 1) == 1 && octet != '\n') line += octet;
    return line;
}

}  // namespace

std::expected<std::unique_ptr<Served>, std::string> Served::start(const std::string& simbroker) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) return std::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
    std::unique_ptr<Served> served(new Served);
    served->process_ = ::fork();
    if (served->process_ < 0) return std::unexpected(fmt::format("fork: {}", std::strerror(errno)));
    if (served->process_ == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::execl(simbroker.c_str(), simbroker.c_str(), "serve", "--port", "0", "--quiet", nullptr);
        ::_exit(127);
    }
    ::close(pipe[1]);
    const auto line = first_line(pipe[0]);
    ::close(pipe[0]);
    const auto colon = line.rfind(':');
    const auto* const end = line.data() + line.size();
    if (!line.starts_with("ready ") || colon == std::string::npos ||
        std::from_chars(line.data() + colon + 1, end, served->port_).ptr != end) {
        return std::unexpected(fmt::format("{}: expected \"ready amqp://host:port\", got \"{}\"", simbroker, line));
    }
    return served;
}

Served::~Served() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
}

double Served::resident_kilobytes() const {
    std::ifstream status(fmt::format("/proc/{}/status", process_));
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmRSS:" && status >> kilobytes) return kilobytes;
    }
    return 0;
}

}  // namespace bench
