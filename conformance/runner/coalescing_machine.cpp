#include "conformance/runner/coalescing_machine.hpp"

#include <algorithm>
#include <vector>

namespace conformance::runner {

using simbroker::Close;
using simbroker::ConnectionId;
using simbroker::Instant;
using simbroker::Outputs;
using simbroker::Send;

Outputs CoalescingMachine::handle(Instant now, const simbroker::Input& input) {
    Outputs outputs;
    for (auto& output : inner_->handle(now, input)) {
        if (auto* send = std::get_if<Send>(&output)) {
            auto& held = held_.try_emplace(send->connection, Held{now + wait, {}}).first->second;
            held.octets.insert(held.octets.end(), send->bytes.begin(), send->bytes.end());
            continue;
        }
        if (const auto* close = std::get_if<Close>(&output)) release(close->connection, outputs);
        outputs.push_back(std::move(output));
    }
    if (const auto* gone = std::get_if<simbroker::Disconnected>(&input)) held_.erase(gone->connection);
    std::vector<ConnectionId> due;
    for (const auto& [connection, held] : held_) {
        if (held.due <= now) due.push_back(connection);
    }
    for (const auto connection : due) release(connection, outputs);
    return outputs;
}

std::optional<Instant> CoalescingMachine::next_deadline() const {
    auto next = inner_->next_deadline();
    for (const auto& [connection, held] : held_) next = next ? std::min(*next, held.due) : held.due;
    return next;
}

void CoalescingMachine::release(ConnectionId connection, Outputs& into) {
    if (auto held = held_.extract(connection)) into.push_back(Send{connection, std::move(held.mapped().octets)});
}

}  // namespace conformance::runner
