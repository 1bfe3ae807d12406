// Delta debugging over a plan: chunks of a list are left out, from half of it down to one, until nothing can go.
#include "simbroker/explore/shrink.hpp"

#include <algorithm>
#include <utility>

namespace simbroker::explore {
namespace {

class Shrinker {
public:
    Shrinker(Plan plan, Finding finding, const ShrinkOptions& options)
        : plan_(std::move(plan)), finding_(std::move(finding)), options_(options) {}

    Shrunk shrink() {
        bool smaller = true;
        while (smaller && runs_ < options_.most_runs) {
            smaller = end_early();
            smaller |= leave_out(plan_.mishaps.size(), [](Plan& plan, std::size_t first, std::size_t count) {
                erase(plan.mishaps, first, count);
            });
            smaller |= leave_out(plan_.clients.size(), [](Plan& plan, std::size_t first, std::size_t count) {
                erase(plan.clients, first, count);
            });
            smaller |= leave_out(step_count(plan_), leave_out_steps);
            smaller |= leave_out(use_count(plan_), leave_out_uses);
            smaller |= simplify();
        }
        return {plan_, finding_, runs_};
    }

private:
    template <class T>
    static void erase(std::vector<T>& list, std::size_t first, std::size_t count) {
        const auto begin = list.begin() + static_cast<std::ptrdiff_t>(first);
        list.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, list.size() - first)));
    }

    // Steps, and the queues that clients use, are numbered through all clients.
    template <class T>
    static std::size_t sum(const Plan& plan, std::vector<T> ClientPlan::* list) {
        std::size_t count = 0;
        for (const auto& client : plan.clients) count += (client.*list).size();
        return count;
    }
    template <class T>
    static void leave_out_of(Plan& plan, std::vector<T> ClientPlan::* list, std::size_t first, std::size_t count) {
        std::size_t number = 0;
        for (auto& client : plan.clients) {
            std::erase_if(client.*list, [&](const T&) {
                const auto own = number++;
                return own >= first && own < first + count;
            });
        }
    }
    static std::size_t step_count(const Plan& plan) { return sum(plan, &ClientPlan::steps); }
    static void leave_out_steps(Plan& plan, std::size_t first, std::size_t count) {
        leave_out_of(plan, &ClientPlan::steps, first, count);
    }
    static std::size_t use_count(const Plan& plan) { return sum(plan, &ClientPlan::queues); }
    static void leave_out_uses(Plan& plan, std::size_t first, std::size_t count) {
        leave_out_of(plan, &ClientPlan::queues, first, count);
        drop_unused_queues(plan);
    }
    static void drop_unused_queues(Plan& plan) {
        std::erase_if(plan.queues, [&](const QueuePlan& queue) {
            const auto uses = [&](const ClientPlan& client) {
                return std::ranges::find(client.queues, queue.name) != client.queues.end();
            };
            return std::ranges::none_of(plan.clients, uses);
        });
    }

    bool try_this(Plan candidate) {
        if (candidate == plan_ || runs_ >= options_.most_runs) return false;
        ++runs_;
        const auto outcome = run(candidate, options_.run);
        if (!outcome.finding || outcome.finding->invariant != finding_.invariant) return false;
        plan_ = std::move(candidate);
        finding_ = *outcome.finding;
        return true;
    }

    template <class LeaveOut>
    bool leave_out(std::size_t size, LeaveOut&& leave_out_some) {
        bool smaller = false;
        for (auto chunk = std::max<std::size_t>(size / 2, 1); size > 0; chunk /= 2) {
            for (std::size_t first = 0; first < size;) {
                auto candidate = plan_;
                leave_out_some(candidate, first, chunk);
                if (try_this(std::move(candidate))) {
                    smaller = true;
                    size -= std::min(chunk, size - first);
                } else {
                    first += chunk;
                }
            }
            if (chunk == 1) break;
        }
        return smaller;
    }

    // What comes after the finding made no difference; what comes before the first step or mishap is nothing.
    bool end_early() {
        auto candidate = plan_;
        const auto found = std::chrono::ceil<Milliseconds>(finding_.at.time_since_epoch()) + Milliseconds(1);
        candidate.length = std::min(candidate.length, found);
        std::erase_if(candidate.mishaps, [&](const Mishap& mishap) { return mishap.at > candidate.length; });
        for (auto& client : candidate.clients) {
            std::erase_if(client.steps, [&](const Step& step) { return step.at > candidate.length; });
        }
        return try_this(std::move(candidate));
    }

    template <class Change>
    bool change(Change&& make) {
        auto candidate = plan_;
        make(candidate);
        return try_this(std::move(candidate));
    }

    bool simplify() {
        bool simpler = change(drop_unused_queues);
        simpler |= change([](Plan& plan) { plan.disk_delay = Milliseconds(0); });
        for (std::size_t i = 0; i < plan_.clients.size(); ++i) {
            simpler |= change([i](Plan& plan) { plan.clients[i].heartbeat = 0; });
            simpler |= change([i](Plan& plan) { plan.clients[i].latency = Milliseconds(0); });
            simpler |= change([i](Plan& plan) { plan.clients[i].refuse_permille = 0; });
            simpler |= change([i](Plan& plan) { plan.clients[i].think = Milliseconds(0); });
            simpler |= change([i](Plan& plan) { plan.clients[i].ack_every = 1; });
        }
        return simpler;
    }

    Plan plan_;
    Finding finding_;
    const ShrinkOptions& options_;
    std::size_t runs_ = 0;
};

}  // namespace

std::optional<Shrunk> shrink(const Plan& plan, const ShrinkOptions& options) {
    const auto outcome = run(plan, options.run);
    if (!outcome.finding) return std::nullopt;
    return Shrinker(plan, *outcome.finding, options).shrink();
}

}  // namespace simbroker::explore
