#include "simbroker/app/control_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace simbroker::app {
namespace {

using nlohmann::json;

constexpr int nobody_listens = 69;
constexpr int patience_for_a_command = 1000;  // ms
constexpr int patience_for_a_reply = 60000;
constexpr std::size_t longest_line = std::size_t{1} << 20;

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int value() const { return value_; }
    int release() { return std::exchange(value_, -1); }

private:
    int value_;
};

std::expected<sockaddr_un, std::string> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return std::unexpected(fmt::format("expected a path of 1 to {} octets", sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

template <class Call>
int with(const sockaddr_un& address, int descriptor, Call&& call) {
    return call(descriptor, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(sizeof address));
}

// Nothing if the peer is gone, late, or says too much.
std::optional<std::string> read_line(int descriptor, int patience) {
    std::string line;
    std::array<char, 4096> buffer;
    while (line.size() < longest_line) {
        pollfd watched{descriptor, POLLIN, 0};
        if (::poll(&watched, 1, patience) <= 0) return std::nullopt;
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count <= 0) return std::nullopt;
        line.append(buffer.data(), static_cast<std::size_t>(count));
        if (line.ends_with('\n')) return line;
    }
    return std::nullopt;
}

void write_line(int descriptor, const json& value) {
    const auto line = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    std::size_t written = 0;
    while (written < line.size()) {
        const auto count = ::send(descriptor, line.data() + written, line.size() - written, MSG_NOSIGNAL);
        if (count <= 0) return;  // who asked is gone
        written += static_cast<std::size_t>(count);
    }
}

std::optional<std::vector<std::string>> words_in(const std::string& line) {
    const auto value = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!value.is_array()) return std::nullopt;
    std::vector<std::string> words;
    for (const auto& word : value) {
        if (!word.is_string()) return std::nullopt;
        words.push_back(word.get<std::string>());
    }
    return words;
}

}  // namespace

std::expected<ControlSocket, std::string> ControlSocket::listen(const std::string& path) {
    const auto failed = [&](std::string_view why) {
        return std::unexpected(fmt::format("--control: cannot listen on {}: {}", path, why));
    };
    const auto address = address_of(path);
    if (!address) return failed(address.error());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (with(*address, probe.value(), ::connect) == 0) return failed("somebody listens there");
    const bool abandoned = errno == ECONNREFUSED;
    struct stat there{};
    if (::lstat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) return failed("it is there, and is no socket");
    if (abandoned) ::unlink(path.c_str());
    if (with(*address, socket.value(), ::bind) != 0 || ::listen(socket.value(), 16) != 0) {
        return failed(std::strerror(errno));
    }
    return ControlSocket(socket.release(), path);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

ControlSocket::~ControlSocket() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
}

void ControlSocket::serve_one(const std::function<control::Reply(std::span<const std::string>)>& run) {
    const Descriptor client(::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC));
    if (client.value() < 0) return;
    const auto line = read_line(client.value(), patience_for_a_command);
    if (!line) return;
    const auto words = words_in(*line);
    const auto reply = words ? run(*words) : control::Reply{64, "Error: expected a JSON array of strings on a line\n"};
    write_line(client.value(), {{"status", reply.status}, {"text", reply.text}});
}

std::expected<control::Reply, std::string> ask_over_socket(
    const std::string& path, const std::vector<std::string>& words
) {
    const auto address = address_of(path);
    if (!address) return std::unexpected(address.error());
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (with(*address, socket.value(), ::connect) != 0) return std::unexpected(std::strerror(errno));
    write_line(socket.value(), words);
    const auto line = read_line(socket.value(), patience_for_a_reply);
    const auto reply = line ? json::parse(*line, nullptr, /*allow_exceptions=*/false) : json();
    if (!reply.is_object()) return std::unexpected("expected a reply, the broker gave none");
    return control::Reply{reply.value("status", nobody_listens), reply.value("text", "")};
}

}  // namespace simbroker::app
