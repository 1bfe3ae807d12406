// Collects the outputs of one input: the octets for a connection grow in one Send, events and closes follow in order.
#pragma once

#include <unordered_map>
#include <utility>

#include "simbroker/core/output.hpp"

namespace simbroker::model {

class Outbox {
public:
    // The buffer to append to, good until the next call on this outbox.
    codec::wire::Bytes& to(ConnectionId connection) {
        const auto [found, fresh] = sends_.try_emplace(connection.value, outputs_.size());
        if (fresh) outputs_.emplace_back(std::in_place_type<Send>, connection);
        return std::get<Send>(outputs_[found->second]).bytes;
    }

    std::size_t pending(ConnectionId connection) const {
        const auto found = sends_.find(connection.value);
        return found == sends_.end() ? 0 : std::get<Send>(outputs_[found->second]).bytes.size();
    }

    void close(ConnectionId connection) {
        sends_.erase(connection.value);
        outputs_.emplace_back(std::in_place_type<Close>, connection);
    }

    void event(Event event) { outputs_.push_back(std::move(event)); }

    Outputs take() {
        sends_.clear();
        return std::exchange(outputs_, {});
    }

private:
    Outputs outputs_;
    std::unordered_map<std::uint32_t, std::size_t> sends_;  // looked up, never walked
};

}  // namespace simbroker::model
