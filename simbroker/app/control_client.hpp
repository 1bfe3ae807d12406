// `simbroker ctl`: a command for a running broker, through its Unix socket or over HTTP.
#pragma once

#include <string>
#include <vector>

namespace simbroker::app {

struct ControlArguments {
    std::string address{};
    std::string token{};
    std::string token_file{};
    std::vector<std::string> words{};
};

// The exit status: the command's, 2 for an address that makes no sense, or 69 if nobody listens.
int ctl(const ControlArguments& arguments);

}  // namespace simbroker::app
