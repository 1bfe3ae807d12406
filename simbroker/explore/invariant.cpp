#include "simbroker/explore/invariant.hpp"

#include <fmt/format.h>

#include <chrono>

namespace simbroker::explore {

std::string to_string(const Finding& finding) {
    const std::chrono::duration<double> at = finding.at.time_since_epoch();
    return fmt::format("{} ({}) at {:.6f} s: {}", finding.invariant, finding.clause, at.count(), finding.text);
}

std::vector<InvariantPtr> all_invariants(std::optional<Finding>& first) {
    std::vector<InvariantPtr> all;
    for (auto* make :
         {confirmed_not_lost,
          duplicates_flagged,
          settled_stays_settled,
          order_kept,
          from_somewhere,
          at_most_once,
          prefetch_kept,
          exclusive_alone,
          single_active,
          publishes_answered,
          counters_true,
          memory_returned,
          all_drains}) {
        all.push_back(make(first));
    }
    return all;
}

}  // namespace simbroker::explore
