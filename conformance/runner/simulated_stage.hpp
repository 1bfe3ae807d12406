// A broker (or any machine) in this process, in virtual time: no sockets, no waiting, every run the same.
#pragma once

#include <memory>
#include <set>

#include "conformance/runner/broker_stage.hpp"
#include "simbroker/drive/simulation.hpp"

namespace conformance::runner {

class SimulatedStage final : public BrokerStage {
public:
    SimulatedStage(std::unique_ptr<simbroker::Machine> machine, step::Login login)
        : BrokerStage(std::move(login)), machine_(std::move(machine)), simulation_(*machine_) {}

    step::Instant now() const override { return simulation_.now(); }
    bool wait(step::Instant until) override;
    std::vector<step::Arrival> take_arrivals() override { return std::exchange(arrivals_, {}); }
    bool is_configured() const override { return true; }
    std::optional<step::Duration> longest_advance() const override { return {}; }

    std::expected<step::LineId, step::Trouble> open() override;
    void send(step::LineId, codec::wire::BytesView octets) override;
    void drop(step::LineId) override;
    step::Outcome operate(const simbroker::Input& input) override;

private:
    void collect();

    std::unique_ptr<simbroker::Machine> machine_;
    simbroker::drive::Simulation simulation_;
    std::set<step::LineId> open_;
    std::vector<step::Arrival> arrivals_;
};

}  // namespace conformance::runner
