#include "conformance/runner/tcp_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace conformance::runner {

namespace {

constexpr std::string_view plain_scheme = "amqp://";
constexpr std::string_view tls_scheme = "amqps://";
constexpr std::uint16_t tls_port = 5671;

std::expected<std::string, std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const std::string digits(text.substr(i + 1, 2));
        char* end = nullptr;
        const auto value = std::strtoul(digits.c_str(), &end, 16);
        if (digits.size() != 2 || end != digits.c_str() + 2) {
            return std::unexpected(fmt::format("'%{}' is no percent-encoded octet", digits));
        }
        decoded += static_cast<char>(value);
        i += 2;
    }
    return decoded;
}

using Done = std::expected<void, std::string>;

Done read_account(std::string_view account, step::Login& login) {
    const auto colon = account.find(':');
    const auto user = percent_decoded(account.substr(0, colon));
    const auto password = percent_decoded(colon == std::string_view::npos ? "" : account.substr(colon + 1));
    if (!user || !password) return std::unexpected("user and password cannot be read");
    login.user = *user;
    login.password = *password;
    return {};
}

Done read_host_and_port(std::string_view text, TcpTarget& target) {
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos && !text.ends_with(']')) {
        const std::string digits(text.substr(colon + 1));
        char* end = nullptr;
        const auto port = std::strtoul(digits.c_str(), &end, 10);
        if (digits.empty() || *end != '\0' || port == 0 || port > 65535) {
            return std::unexpected("the port is no number from 1 to 65535");
        }
        target.port = static_cast<std::uint16_t>(port);
        text = text.substr(0, colon);
    }
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    if (text.empty()) return std::unexpected("the host is missing");
    target.host = text;
    return {};
}

// RabbitMQ's. What they say of the conversation the scenarios decide.
constexpr std::string_view known_parameters[] = {
    "cacertfile",
    "certfile",
    "keyfile",
    "verify",
    "depth",
    "server_name_indication",
    "auth_mechanism",
    "heartbeat",
    "connection_timeout",
    "channel_max",
    "frame_max"
};

Done read_parameter(std::string_view name, const std::string& value, TlsTarget& tls) {
    using enum TlsTarget::Verification;
    if (name == "cacertfile") tls.authority = value;
    if (name == "certfile") tls.certificate = value;
    if (name == "keyfile") tls.key = value;
    if (name != "verify") {
        if (std::ranges::find(known_parameters, name) != std::end(known_parameters)) return {};
        return std::unexpected(
            fmt::format("there is no parameter '{}', there are {}", name, fmt::join(known_parameters, ", "))
        );
    }
    if (value != "verify_peer" && value != "verify_none") {
        return std::unexpected(fmt::format("verify is verify_peer or verify_none, not '{}'", value));
    }
    tls.verification = value == "verify_none" ? none : of_name_and_chain;
    return {};
}

Done read_parameters(std::string_view query, TlsTarget& tls) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto parameter = query.substr(0, end);
        query = end == std::string_view::npos ? "" : query.substr(end + 1);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos) continue;
        const auto value = percent_decoded(parameter.substr(equals + 1));
        if (!value) return std::unexpected(value.error());
        if (auto read = read_parameter(parameter.substr(0, equals), *value, tls); !read) return read;
    }
    if (tls.certificate.empty() != tls.key.empty()) return std::unexpected("certfile and keyfile go together");
    return {};
}

Done read(std::string_view rest, TcpTarget& target) {
    const auto question = rest.find('?');
    if (target.tls && question != std::string_view::npos) {
        if (auto done = read_parameters(rest.substr(question + 1), *target.tls); !done) return done;
    }
    rest = rest.substr(0, question);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        if (auto done = read_account(rest.substr(0, at), target.login); !done) return done;
        rest.remove_prefix(at + 1);
    }
    if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
        const auto vhost = percent_decoded(rest.substr(slash + 1));
        if (!vhost) return std::unexpected(vhost.error());
        if (!vhost->empty()) target.login.vhost = *vhost;
        rest = rest.substr(0, slash);
    }
    return read_host_and_port(rest, target);
}

}  // namespace

std::expected<TcpTarget, std::string> TcpTarget::parse(std::string_view url) {
    const auto wrong = [&](std::string_view why) {
        return std::unexpected(fmt::format("'{}': {}; expected amqp[s]://user:password@host:port/vhost", url, why));
    };
    TcpTarget target;
    auto scheme = plain_scheme;
    if (url.starts_with(tls_scheme)) {
        scheme = tls_scheme;
        target.tls.emplace();
        target.port = tls_port;
    } else if (!url.starts_with(plain_scheme)) {
        return wrong("it begins neither with amqp:// nor with amqps://");
    }
    if (auto done = read(url.substr(scheme.size()), target); !done) return wrong(done.error());
    return target;
}

}  // namespace conformance::runner
