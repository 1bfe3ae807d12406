// Every violation that a client can commit is provoked by some scenario.
#include "conformance/runner/violation_ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/violation.hpp"
#include "conformance/runner/simulated_run.hpp"

namespace conformance::runner {
namespace {

TEST(Violations, AreNotedWithTheScenarioThatProvokesThem) {
    catalogue::Catalogue catalogue;
    catalogue.scenarios.push_back(testing::scenario_named("basic.ack.unknown-tag"));
    const auto ledger = ledger_of_violations(catalogue);
    ASSERT_EQ(ledger.size(), codec::violation_rows.size());
    for (const auto& line : ledger) {
        const bool provoked = line.id == "unknown-delivery-tag";
        EXPECT_EQ(line.scenarios.size(), provoked ? 1U : 0U) << line.id;
    }
}

TEST(Violations, AreAllProvoked) {
    for (const auto& line : ledger_of_violations(testing::the_catalogue())) {
        EXPECT_EQ(line.coverage(), catalogue::Coverage::by_scenarios)
            << line.id << " is provoked by no scenario of role broker, in any profile";
    }
}

}  // namespace
}  // namespace conformance::runner
