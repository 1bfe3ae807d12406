// The report for CI servers: JUnit XML as Jenkins, GitLab and GitHub actions read it.
#pragma once

#include "conformance/report/run.hpp"

namespace conformance::report {

std::string to_junit(const Run&);

}  // namespace conformance::report
