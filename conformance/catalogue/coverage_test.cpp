// The ledger of a small catalogue, and that ours has no gap.
#include "conformance/catalogue/coverage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conformance::catalogue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Requirement requirement(std::string id, std::string untestable = {}) {
    Requirement made;
    made.id = std::move(id);
    made.untestable = std::move(untestable);
    return made;
}

Scenario scenario(std::string id, std::vector<std::string> clauses) {
    Scenario made;
    made.id = std::move(id);
    made.clauses = std::move(clauses);
    return made;
}

TEST(Coverage, NamesTheScenariosOfARequirementOnceEach) {
    Catalogue catalogue;
    catalogue.requirements["091/a"] = requirement("091/a");
    catalogue.requirements["091/b"] = requirement("091/b", "nothing of it is on the wire");
    catalogue.requirements["091/c"] = requirement("091/c");
    catalogue.requirements["091/d"] = requirement("091/d", "so it was thought");
    catalogue.scenarios.push_back(scenario("one[x]", {"091/a"}));
    catalogue.scenarios.push_back(scenario("one[y]", {"091/a", "091/d"}));
    catalogue.scenarios.push_back(scenario("two", {"091/a"}));

    const auto ledger = ledger_of_requirements(catalogue);

    ASSERT_EQ(ledger.size(), 4U);
    EXPECT_THAT(ledger[0].scenarios, ElementsAre("one", "two"));
    EXPECT_EQ(ledger[0].coverage(), Coverage::by_scenarios);
    EXPECT_EQ(ledger[1].coverage(), Coverage::untestable);
    EXPECT_EQ(ledger[2].coverage(), Coverage::missing);
    EXPECT_EQ(ledger[3].coverage(), Coverage::contradictory);
}

Catalogue our_catalogue() { return load_catalogue({"scenarios", "conformance/catalogue/requirements.yaml"}); }

// Those that have neither scenarios nor a reason, or both.
std::vector<std::string> gaps(const std::vector<LedgerLine>& ledger) {
    std::vector<std::string> ids;
    for (const auto& line : ledger) {
        if (line.coverage() == Coverage::missing || line.coverage() == Coverage::contradictory) ids.push_back(line.id);
    }
    return ids;
}

TEST(Coverage, OfRequirementsIsComplete) {
    const auto catalogue = our_catalogue();
    EXPECT_THAT(gaps(ledger_of_requirements(catalogue)), IsEmpty())
        << "each needs a scenario, or a reason (untestable), and not both";
    for (const auto& [id, requirement] : catalogue.requirements) {
        const bool disputed = !requirement.rabbitmq.empty() || !requirement.ambiguity.empty();
        if (!disputed || !requirement.untestable.empty()) continue;
        EXPECT_FALSE(requirement.accepted.empty()) << id << " is disputed, and does not say what is accepted";
    }
}

TEST(Coverage, OfDefectsIsComplete) {
    const auto catalogue = our_catalogue();
    const auto defects = load_defects("conformance/catalogue/defects.yaml");
    ASSERT_TRUE(defects);
    EXPECT_GE(defects->size(), 146U);
    EXPECT_THAT(scenarios_that_are_not_there(catalogue, *defects), IsEmpty());
    EXPECT_THAT(gaps(ledger_of_defects(catalogue, *defects)), IsEmpty())
        << "each needs a scenario, or a reason (unreachable), and not both";
}

TEST(Coverage, OfADefectIsWhatItNames) {
    Catalogue catalogue;
    catalogue.scenarios.push_back(scenario("one[x]", {}));
    Defects defects;
    defects["HS-01"] = {.id = "HS-01", .scenarios = "one two"};
    defects["HS-02"] = {.id = "HS-02", .scenarios = "two"};
    defects["HS-03"] = {.id = "HS-03", .unreachable = "about a clock"};
    defects["HS-04"] = {.id = "HS-04", .scenarios = "one", .unreachable = "so it was thought"};

    const auto ledger = ledger_of_defects(catalogue, defects);

    EXPECT_THAT(ledger[0].scenarios, ElementsAre("one"));
    EXPECT_EQ(ledger[0].coverage(), Coverage::by_scenarios);
    EXPECT_EQ(ledger[1].coverage(), Coverage::missing);
    EXPECT_EQ(ledger[2].coverage(), Coverage::untestable);
    EXPECT_EQ(ledger[3].coverage(), Coverage::contradictory);
    EXPECT_THAT(scenarios_that_are_not_there(catalogue, defects), ElementsAre("HS-01: two", "HS-02: two"));
}

}  // namespace
}  // namespace conformance::catalogue
