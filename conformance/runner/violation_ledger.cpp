#include "conformance/runner/violation_ledger.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "codec/violation.hpp"
#include "conformance/runner/run_scenario.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/traced_broker.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/profile/profile.hpp"

namespace conformance::runner {

namespace {

using catalogue::LedgerLine;
using catalogue::Scenario;

using Names = std::set<std::string, std::less<>>;

// A broker whose violations are noted.
class Witness final : public simbroker::Machine {
public:
    Witness(const simbroker::BrokerConfig& config, Names& seen) : broker_(config, 1), seen_(seen) {}

    simbroker::Outputs handle(simbroker::Instant now, const simbroker::Input& input) override {
        auto outputs = broker_.handle(now, input);
        for (const auto& output : outputs) {
            const auto* event = std::get_if<simbroker::Event>(&output);
            if (event != nullptr && event->kind == simbroker::Event::Kind::violation) seen_.insert(event->subject);
        }
        return outputs;
    }

    std::optional<simbroker::Instant> next_deadline() const override { return broker_.next_deadline(); }

private:
    simbroker::Broker broker_;
    Names& seen_;
};

Names violations_in(const Scenario& scenario, const simbroker::profile::Profile& profile) {
    Names seen;
    const simbroker::BrokerConfig config{.profile = profile, .plugins = simbroker::extension::known_plugins()};
    SimulatedStage stage(std::make_unique<Witness>(configured(config, scenario.broker), seen), {});
    run_scenario(stage, scenario, {.prefix = "violations"});
    return seen;
}

}  // namespace

std::vector<LedgerLine> ledger_of_violations(const catalogue::Catalogue& catalogue) {
    std::map<std::string, std::vector<std::string>, std::less<>> provoked;
    for (const auto& scenario : catalogue.scenarios) {
        if (scenario.under_test != catalogue::Role::broker) continue;
        for (const auto* profile : simbroker::profile::all()) {
            for (const auto& name : violations_in(scenario, *profile)) {
                auto& scenarios = provoked[name];
                if (std::ranges::find(scenarios, scenario.id) == scenarios.end()) scenarios.push_back(scenario.id);
            }
        }
    }
    std::vector<LedgerLine> ledger;
    for (const auto& row : codec::violation_rows) {
        const std::string name(row.name);
        ledger.push_back({.id = name, .reason = {}, .scenarios = provoked[name]});
    }
    return ledger;
}

}  // namespace conformance::runner
