// A connection in good order (2.2.4), as far as an act wants it.
#pragma once

#include "conformance/dialogue/client.hpp"

namespace conformance::dialogue {

// $user, $password, $vhost, $plain (the response of PLAIN) and $capabilities (all that RabbitMQ knows).
nlohmann::json login_variables(const step::Login& login);

// Nothing: it went as expected. An item: this came instead. The error: the options cannot be read.
std::expected<std::optional<Heard>, std::string> shake_hands(
    Client& client, Line& line, const nlohmann::json& options, Duration within
);

}  // namespace conformance::dialogue
