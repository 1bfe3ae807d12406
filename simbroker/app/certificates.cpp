// `simbroker certificates`: a throw-away authority and what it signs.
#include "simbroker/drive/certificates.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "simbroker/app/serve.hpp"

namespace simbroker::app {

int make_certificates(const CertificatesArguments& arguments) {
    drive::CertificateOptions options;
    if (!arguments.hosts.empty()) options.hosts = arguments.hosts;
    options.client = arguments.client;
    try {
        drive::make_certificates(arguments.directory, options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "simbroker certificates: {}\n", error.what());
        return 1;
    }
    fmt::print("{}/ca.pem, server.pem, client.pem and their keys, and bad ones beside them\n", arguments.directory);
    return 0;
}

}  // namespace simbroker::app
