// The SASL mechanisms of connection.start-ok. Each reads its response; who may log in is for the users of the node.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simbroker/model/node.hpp"

namespace simbroker::server091 {

struct Login {
    enum class Result : std::uint8_t {
        accepted,
        refused,      // readable credentials that are not good
        malformed,    // the response is no response of this mechanism
        not_offered,  // the mechanism is none of those offered
        challenged,   // the client has to answer password_challenge
    };
    Result result{};
    std::string user;
};

// The names in connection.start, separated by blanks.
std::string mechanisms_offered(const BrokerConfig& config, const std::optional<TlsFacts>& tls);

Login log_in(
    const model::Node& node, const std::optional<TlsFacts>& tls, std::string_view mechanism, std::string_view response
);

// RABBIT-CR-DEMO, RabbitMQ's demonstration of connection.secure: the user in start-ok, the password in secure-ok.
inline constexpr std::string_view password_challenge = "Please tell me your password";
Login answer_challenge(const model::Node& node, const std::string& user, std::string_view response);

}  // namespace simbroker::server091
