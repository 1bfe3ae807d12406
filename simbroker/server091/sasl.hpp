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
        not_offered,  // the mechanism is none of the profile's
    };
    Result result{};
    std::string user;
};

Login log_in(const model::Node& node, std::string_view mechanism, std::string_view response);

}  // namespace simbroker::server091
