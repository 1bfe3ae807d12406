#include "simbroker/app/control_address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

namespace simbroker::app {

namespace {

constexpr std::string_view unix_scheme = "unix:";
constexpr std::string_view http_scheme = "http://";

std::expected<HttpAddress, std::string> parse_http(std::string_view text) {
    if (text.ends_with('/')) text.remove_suffix(1);
    const auto colon = text.rfind(':');
    auto host = text.substr(0, std::min(colon, text.size()));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto digits = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (host.empty() || digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
        return std::unexpected(fmt::format("expected HOST:PORT, got \"{}\"", text));
    }
    return HttpAddress{std::string(host), port};
}

}  // namespace

std::expected<ControlAddress, std::string> parse_control_address(const std::string& text) {
    if (text.starts_with(unix_scheme)) return UnixPath{text.substr(unix_scheme.size())};
    if (text.starts_with(http_scheme)) return parse_http(std::string_view(text).substr(http_scheme.size()));
    if (text.find('/') == std::string::npos && text.find(':') != std::string::npos) return parse_http(text);
    return UnixPath{text};
}

std::expected<std::string, std::string> read_token(const std::string& token, const std::string& file) {
    if (file.empty()) return token;
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    auto read = text.str();
    if (!stream) return std::unexpected(fmt::format("{} cannot be read", file));
    while (read.ends_with('\n') || read.ends_with('\r')) read.pop_back();
    if (read.empty()) return std::unexpected(fmt::format("{} holds no token", file));
    return read;
}

}  // namespace simbroker::app
