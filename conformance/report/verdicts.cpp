#include "conformance/report/verdicts.hpp"

#include "conformance/runner/suite.hpp"

namespace conformance::report {

using runner::Verdict;

std::vector<VerdictCount> counts_of(const Run& run) {
    std::vector<VerdictCount> counts;
    for (const auto verdict :
         {Verdict::pass,
          Verdict::expected_failure,
          Verdict::unsupported,
          Verdict::warning,
          Verdict::fail,
          Verdict::unexpected_pass,
          Verdict::inconclusive}) {
        const auto number = runner::count(run.results, verdict);
        const bool always = verdict == Verdict::pass || verdict == Verdict::fail;
        if (number > 0 || always) counts.push_back({verdict, number});
    }
    return counts;
}

}  // namespace conformance::report
