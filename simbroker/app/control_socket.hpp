// The Unix socket of `serve --control` and `ctl`: one connection a command, a line each way.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "simbroker/control/command.hpp"

namespace simbroker::app {

class ControlSocket {
public:
    // Takes the place of a socket that nobody listens on any more. Or what is wrong.
    static std::expected<ControlSocket, std::string> listen(const std::string& path);

    ControlSocket(ControlSocket&& other) noexcept;
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    ~ControlSocket();  // the file goes with it

    int descriptor() const { return descriptor_; }

    // Who connects has a second to say a command.
    void serve_one(const std::function<control::Reply(std::span<const std::string>)>& run);

private:
    ControlSocket(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

    int descriptor_ = -1;
    std::string path_;
};

// What the broker behind a socket says to a command, or why nothing.
std::expected<control::Reply, std::string> ask_over_socket(
    const std::string& path, const std::vector<std::string>& words
);

}  // namespace simbroker::app
