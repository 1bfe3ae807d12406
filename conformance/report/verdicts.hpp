// How many scenarios came to what: the sum that reports for people begin with.
#pragma once

#include <vector>

#include "conformance/report/run.hpp"

namespace conformance::report {

struct VerdictCount {
    runner::Verdict verdict{};
    std::size_t number = 0;
};

// The best first; without those that nothing came to, but for pass and fail.
std::vector<VerdictCount> counts_of(const Run&);

}  // namespace conformance::report
