// A shim as a process: lines to its stdin, lines from its stdout, its stderr kept for the report. Nothing here blocks
// but `send_line`, and that reads on while it waits.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "conformance/runner/file_descriptor.hpp"

namespace conformance::runner {

class ShimProcess {
public:
    static std::expected<ShimProcess, std::string> start(const std::vector<std::string>& command);

    ShimProcess(ShimProcess&&) = default;
    ShimProcess& operator=(ShimProcess&&) = delete;
    ~ShimProcess();  // kills it if it still runs

    // False: it does not take any more.
    bool send_line(const std::string& line);
    void end_input();

    // What to poll for, and what to do when any of it is ready.
    std::vector<pollfd> descriptors() const;
    void serve();

    std::vector<std::string> take_lines();
    // "exit status 0" or "signal 11", once it has ended and all its output has been read.
    const std::optional<std::string>& ended() const { return ended_; }
    const std::string& errors() const { return errors_; }
    std::size_t memory() const;  // resident octets; 0: it has ended
    void kill();

private:
    ShimProcess() = default;
    void read_output();
    void read_errors();
    void reap();

    struct Pid {
        pid_t number = -1;
        Pid() = default;
        Pid(Pid&& other) noexcept : number(std::exchange(other.number, -1)) {}
    };

    Pid pid_;
    FileDescriptor exit_;
    FileDescriptor input_;
    FileDescriptor output_;
    FileDescriptor stderr_;
    std::string unfinished_;  // line
    std::vector<std::string> lines_;
    std::string errors_;
    std::optional<std::string> ended_;
};

}  // namespace conformance::runner
