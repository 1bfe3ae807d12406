// The names RabbitMQ reads in a client's certificate for SASL EXTERNAL, in its notation.
#pragma once

#include "simbroker/core/input.hpp"

struct x509_st;

namespace simbroker::drive {

CertificateNames names_in(const x509_st& certificate);

}  // namespace simbroker::drive
