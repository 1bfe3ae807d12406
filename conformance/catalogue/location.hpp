// Where in a file something stands, as reports say it: scenarios/amqp091/queue/declare.yaml:12
#pragma once

#include "simbroker/yaml/location.hpp"

namespace conformance::catalogue {

using simbroker::yaml::LoadError;
using simbroker::yaml::Location;

}  // namespace conformance::catalogue
