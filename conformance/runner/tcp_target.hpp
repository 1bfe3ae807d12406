// Where a broker is and how to get in: an AMQP URL, with RabbitMQ's query parameters for TLS.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/runner/operator_command.hpp"
#include "conformance/step/stage.hpp"

namespace conformance::runner {

struct TlsTarget {
    enum class Verification : std::uint8_t { of_name_and_chain, none };

    std::string authority{};    // a PEM file; empty: those this machine trusts
    std::string certificate{};  // of the client, a PEM file; empty: none
    std::string key{};
    Verification verification = Verification::of_name_and_chain;

    friend bool operator==(const TlsTarget&, const TlsTarget&) = default;
};

struct TcpTarget {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5672;
    step::Login login;
    std::optional<TlsTarget> tls{};                     // nothing: plain TCP
    std::optional<OperatorCommand> operator_command{};  // how its operator is spoken to, if there is a way

    // amqp://user:password@host:port/vhost, with the parts after the host percent-encoded where necessary. amqps://
    // takes ?cacertfile=FILE&certfile=FILE&keyfile=FILE&verify=verify_peer|verify_none; what else follows the question
    // mark is a client's own.
    static std::expected<TcpTarget, std::string> parse(std::string_view url);
};

}  // namespace conformance::runner
