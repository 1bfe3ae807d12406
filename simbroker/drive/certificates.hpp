// A throw-away certificate authority and what it signs, for tests of TLS: good certificates and bad ones of every kind.
// Nothing here is for production: keys lie unencrypted beside their certificates.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

struct CertificateOptions {
    std::vector<std::string> hosts{"localhost", "127.0.0.1", "::1"};  // names and addresses the server goes by
    std::string client = "guest";                                     // the common name of the client
};

// Writes NAME.pem and NAME.key into `directory`, which is made if it is not there:
//
//   ca, other_ca   two authorities; only certificates of the first are good
//   server         for the hosts             client            for the client
//   expired        the server's, of the day before yesterday
//   wrong_host     a server's, for wrong.example alone
//   unknown_ca     the server's, signed by other_ca
//   expired_client, unknown_ca_client        the same for the client
//
// Throws std::runtime_error, which says what could not be done.
void make_certificates(const std::filesystem::path& directory, const CertificateOptions& options = {});

// Those that a server may show instead of its own: expired, wrong_host and unknown_ca, as far as they lie beside it.
std::map<std::string, TlsCertificate> bad_certificates_beside(const std::filesystem::path& certificate);

}  // namespace simbroker::drive
