// `simbroker serve` and `simbroker replay`: the commands behind the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simbroker/app/event_line.hpp"

namespace simbroker::app {

// As typed; empty means not given.
struct ServeArguments {
    std::string host{};
    std::uint16_t port = 5672;
    std::string clock = "wall";
    std::string profile{};
    std::uint64_t seed = 0;
    std::string trace{};
    std::string config{};   // a file of JSON
    std::string faults{};   // a file of YAML or JSON
    std::string control{};  // the path of a Unix socket, or an address and a port for HTTP
    std::string control_token{};
    std::string control_token_file{};
    std::vector<std::string> users{};
    std::vector<std::string> vhosts{};
    bool deny_deprecated_features = false;
    std::vector<std::string> plugins{};  // "none" alone: none
    std::vector<std::string> auth_mechanisms{};
    std::string certificate_login{};  // empty: as the configuration says
    std::optional<std::uint16_t> tls_port{};
    std::string tls_certificate{};
    std::string tls_key{};
    std::string tls_authority{};
    std::string tls_verify = "none";
    Loudness loudness = Loudness::normal;
};

// The exit status: 0 after SIGINT or SIGTERM, 1 if it cannot serve, 2 for a value that makes no sense.
int serve(const ServeArguments&);

struct CertificatesArguments {
    std::string directory{};
    std::vector<std::string> hosts{};
    std::string client = "guest";
};

// The exit status: 0, or 1 if they could not be written.
int make_certificates(const CertificatesArguments&);

struct ReplayArguments {
    std::string file{};
    bool print_hash = false;
};

// The exit status: 0 identical, 1 different, 2 no trace.
int replay(const ReplayArguments&);

}  // namespace simbroker::app
