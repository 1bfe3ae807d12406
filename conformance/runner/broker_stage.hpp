// What all stages with a broker under test have in common: no shim, no faults.
#pragma once

#include "conformance/step/stage.hpp"

namespace conformance::runner {

class BrokerStage : public step::Stage {
public:
    explicit BrokerStage(step::Login login) : login_(std::move(login)) {}

    const step::Login& login() const override { return login_; }

    step::Outcome request(const nlohmann::json&) override { return no_client(); }
    void end_shim() override {}
    std::string shim_errors() override { return {}; }
    const std::vector<std::string>& operations() const override { return operations_; }
    std::string connect_target() const override { return {}; }
    step::Outcome add_fault(simbroker::fault::Rule) override { return no_client(); }
    step::Outcome clear_faults() override { return {}; }
    step::Outcome release(const std::string&) override { return no_client(); }
    step::Outcome shape_wire(simbroker::Segmentation) override { return no_client(); }

private:
    static step::Outcome no_client() { return step::inconclusive("no client is under test"); }

    step::Login login_;
    std::vector<std::string> operations_;
};

}  // namespace conformance::runner
