// The report for CI servers: JUnit XML as Jenkins, GitLab and GitHub actions read it.
#pragma once

#include "conformance/report/run.hpp"

namespace conformance::report {

std::string to_junit(const Run&);

// Text as XML 1.0 may hold it: markup escaped, what XML forbids (control characters, broken UTF-8) replaced.
std::string xml_text(std::string_view text);

}  // namespace conformance::report
