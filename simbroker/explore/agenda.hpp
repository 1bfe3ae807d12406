// What is to be done at which instant, beside a simulation: the timers of the virtual clients, their steps, the
// mishaps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "simbroker/drive/simulation.hpp"

namespace simbroker::explore {

class Agenda {
public:
    explicit Agenda(drive::Simulation& simulation) : simulation_(simulation) {}

    void at(Instant instant, std::function<void()> action) {
        entries_.emplace(std::pair{std::max(instant, simulation_.now()), next_++}, std::move(action));
    }
    void after(Duration delay, std::function<void()> action) { at(simulation_.now() + delay, std::move(action)); }

    // Everything at that instant or before, traffic first; `stop` is asked after each step. False: it gave up after so
    // many steps.
    template <class Stop>
    bool run_until(Instant until, std::size_t most_steps, Stop&& stop) {
        for (std::size_t steps = 0; steps < most_steps; ++steps) {
            if (stop()) return true;
            const auto traffic = next_of_simulation();
            const bool own = !entries_.empty() && (!traffic || entries_.begin()->first.first < *traffic);
            const auto next = own ? std::optional(entries_.begin()->first.first) : traffic;
            if (!next || *next > until) {
                simulation_.run_until(until);
                return true;
            }
            if (!own) {
                simulation_.step();
                continue;
            }
            simulation_.run_until(*next);
            entries_.extract(entries_.begin()).mapped()();
        }
        return false;
    }

private:
    std::optional<Instant> next_of_simulation() const {
        const auto traffic = simulation_.next_traffic();
        const auto deadline = simulation_.next_deadline();
        if (!traffic || !deadline) return traffic ? traffic : deadline;
        return std::min(*traffic, *deadline);
    }

    drive::Simulation& simulation_;
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> entries_;
    std::uint64_t next_ = 0;
};

}  // namespace simbroker::explore
