// A case is a scenario: what is said to the peer, and that it has to survive it. Made from a seed and a number, the
// same every time.
#pragma once

#include "conformance/catalogue/scenario.hpp"
#include "simbroker/core/instant.hpp"
#include "simbroker/core/prng.hpp"

namespace conformance::fuzz {

struct CaseOptions {
    simbroker::Seed seed = 0;
    std::uint64_t number = 0;
    simbroker::Duration quiet = std::chrono::milliseconds(5);  // how long the peer says nothing when it is done
    bool internal_error_allowed = false;                       // a broker that is to be as RabbitMQ has its 541s, too
};

// A client that loses its mind: as a handshake, or after one.
catalogue::Scenario broker_case(const CaseOptions&);

// A broker that loses its mind under a client that is asked to do ordinary things.
catalogue::Scenario client_case(const CaseOptions&, const std::vector<std::string>& operations);

}  // namespace conformance::fuzz
