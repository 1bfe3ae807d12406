// The report as a badge: one line of SVG for a README.
#pragma once

#include "conformance/report/run.hpp"

namespace conformance::report {

// "AMQP 0-9-1 | 78 of 80 pass", red if not all was as expected.
std::string to_badge(const Run&);

}  // namespace conformance::report
