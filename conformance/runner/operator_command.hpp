// The operator of a broker somewhere: a command such as "rabbitmqctl -n rabbit@localhost", which takes the words
// rabbitmqctl takes. `simbroker ctl --socket S` is one, too.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "simbroker/core/input.hpp"

namespace conformance::runner {

class OperatorCommand {
public:
    explicit OperatorCommand(std::string command) : command_(std::move(command)) {}

    // Not, for one, a crash: nobody has a command for that.
    static bool can(const simbroker::Input& input);
    // `local_port`: of the connection that close_connection is about. The error is what the command said.
    std::expected<void, std::string> perform(const simbroker::Input&, std::uint16_t local_port) const;

private:
    std::expected<std::string, std::string> run(const std::vector<std::string>& words) const;
    std::expected<std::string, std::string> pid_of_connection(std::uint16_t local_port) const;

    std::string command_;
};

}  // namespace conformance::runner
