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

    const auto ledger = ledger_of(catalogue);

    ASSERT_EQ(ledger.size(), 4U);
    EXPECT_THAT(ledger[0].scenarios, ElementsAre("one", "two"));
    EXPECT_EQ(ledger[0].coverage(), Coverage::by_scenarios);
    EXPECT_EQ(ledger[1].coverage(), Coverage::untestable);
    EXPECT_EQ(ledger[2].coverage(), Coverage::missing);
    EXPECT_EQ(ledger[3].coverage(), Coverage::contradictory);
}

TEST(Coverage, OfOurCatalogueIsComplete) {
    const auto catalogue = load_catalogue({"scenarios", "conformance/catalogue/requirements.yaml"});
    std::vector<std::string> without;
    for (const auto& line : ledger_of(catalogue)) {
        if (line.coverage() == Coverage::missing || line.coverage() == Coverage::contradictory) {
            without.push_back(line.requirement->id);
        }
    }
    EXPECT_THAT(without, IsEmpty()) << "each needs a scenario, or a reason (untestable), and not both";
}

}  // namespace
}  // namespace conformance::catalogue
