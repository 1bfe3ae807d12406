// Where the control API listens, as typed: the path of a Unix socket, or an address and a port for HTTP.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <variant>

namespace simbroker::app {

struct UnixPath {
    std::string path;
};

struct HttpAddress {
    std::string host;
    std::uint16_t port = 0;
};

using ControlAddress = std::variant<UnixPath, HttpAddress>;

// "unix:PATH"; "HOST:PORT", "[::1]:PORT" or "http://HOST:PORT"; anything else is a path.
std::expected<ControlAddress, std::string> parse_control_address(const std::string& text);

// The token of either option, or nothing. A file's last line end is no part of it.
std::expected<std::string, std::string> read_token(const std::string& token, const std::string& file);

}  // namespace simbroker::app
