// Loading the data files, with their mistakes on stderr.
#pragma once

#include "conformance/app/arguments.hpp"

namespace conformance::app {

std::optional<catalogue::Catalogue> load(const Place&);

}  // namespace conformance::app
