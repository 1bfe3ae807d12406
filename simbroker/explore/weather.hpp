// Carries out the mishaps of a plan, and puts everything right for the calm.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "simbroker/explore/client.hpp"

namespace simbroker::explore {

class Weather {
public:
    Weather(Stage& stage, const std::vector<std::unique_ptr<Client>>& clients) : stage_(stage), clients_(clients) {}

    void schedule();  // the mishaps of the plan
    void clear();     // from now on nothing is wrong
    std::uint64_t happened() const { return happened_; }

private:
    void happen(const Mishap& mishap);
    void to_connection(const Mishap& mishap, const Client& client, ConnectionId id);
    void to_broker(const Mishap& mishap);
    void bend_link(const Mishap& mishap, const Client& client, ConnectionId id);
    void alarm(const Mishap& mishap, SetAlarm::Resource resource);
    void to_queue(const Mishap& mishap);
    void end_half_open(ConnectionId id);
    void operate(Operation operation) { stage_.simulation.inject(Operate{std::move(operation)}); }

    Stage& stage_;
    const std::vector<std::unique_ptr<Client>>& clients_;
    std::set<ConnectionId> half_open_;
    std::uint64_t happened_ = 0;
};

}  // namespace simbroker::explore
