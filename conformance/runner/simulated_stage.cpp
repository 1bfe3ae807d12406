#include "conformance/runner/simulated_stage.hpp"

namespace conformance::runner {

using step::Arrival;
using step::Instant;
using step::LineId;

bool SimulatedStage::wait(Instant until) {
    collect();  // what an operation has already caused
    if (!arrivals_.empty()) return true;
    auto next = simulation_.next_traffic();
    if (const auto deadline = simulation_.next_deadline(); deadline && (!next || *deadline < *next)) next = deadline;
    if (!next || *next > until) {
        simulation_.run_until(until);
    } else {
        simulation_.step();
    }
    collect();
    return !arrivals_.empty();
}

std::expected<LineId, step::Trouble> SimulatedStage::open() {
    const auto id = simulation_.connect();
    open_.insert(id);
    return id;
}

void SimulatedStage::send(LineId id, codec::wire::BytesView octets) { simulation_.send(id, octets); }

void SimulatedStage::drop(LineId id) {
    if (open_.erase(id) > 0) simulation_.disconnect(id);
}

step::Outcome SimulatedStage::operate(const simbroker::Input& input) {
    simulation_.take_events();
    simulation_.inject(input);
    if (!std::holds_alternative<simbroker::Operate>(input)) return {};
    simulation_.run_until(simulation_.now());
    for (const auto& [at, sequence, event] : simulation_.take_events()) {
        if (event.kind == simbroker::Event::Kind::operation_refused) {
            return step::inconclusive("the operator's " + event.subject + " was refused: " + event.detail);
        }
    }
    return {};
}

void SimulatedStage::collect() {
    std::erase_if(open_, [&](LineId id) {
        if (auto octets = simulation_.received(id); !octets.empty()) {
            arrivals_.push_back({.kind = Arrival::Kind::received, .line = id, .octets = std::move(octets)});
        }
        if (!simulation_.closed(id)) return false;
        arrivals_.push_back({.kind = Arrival::Kind::ended, .line = id});
        return true;
    });
}

}  // namespace conformance::runner
