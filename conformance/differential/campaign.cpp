#include "conformance/differential/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "conformance/differential/shrink.hpp"

namespace conformance::differential {

namespace {

using namespace std::chrono_literals;

// Twice as long as what was seen to be late on a busy machine; where time is virtual it costs nothing.
constexpr simbroker::Duration quiet = 25ms;
constexpr simbroker::Duration long_quiet = 250ms;

bool differs(const Side& first, const Side& second, const dialogue::Dialogue& dialogue) {
    return duel(first, second, dialogue).kind == Verdict::Kind::different;
}

class Campaign {
public:
    Campaign(const Side& first, const Side& second, const CampaignOptions& options)
        : first_(first), second_(second), options_(options), next_(options.first) {}

    CampaignResult run() {
        std::vector<std::jthread> workers;
        for (unsigned i = 1; i < options_.jobs; ++i) workers.emplace_back([this] { work(); });
        work();
        workers.clear();
        std::ranges::sort(result_.found, {}, &Found::number);
        std::ranges::sort(result_.races, {}, &Race::number);
        return std::move(result_);
    }

private:
    bool enough() {
        const std::lock_guard lock(mutex_);
        return result_.found.size() >= options_.most_differences || result_.troubles.size() >= 3;
    }

    void work() {
        const auto end = options_.first + options_.sequences;
        for (auto number = next_++; number < end && !enough(); number = next_++) play(number);
    }

    void play(std::uint64_t number) {
        const auto sequence =
            make_sequence({.seed = options_.seed, .number = number, .operations = options_.operations});
        const auto verdict = duel(first_, second_, sequence);
        std::optional<Found> found;
        if (verdict.kind == Verdict::Kind::different) found = look_closer(number, sequence);
        const std::lock_guard lock(mutex_);
        ++result_.played;
        if (verdict.kind == Verdict::Kind::trouble) {
            result_.troubles.push_back(fmt::format("{}: {}{}", sequence.id, verdict.first, verdict.second));
        }
        if (verdict.kind == Verdict::Kind::different && !found) {
            result_.races.push_back({number, verdict.first, verdict.second});
        }
        if (found) result_.found.push_back(std::move(*found));
        if (options_.on_progress) options_.on_progress(result_.played);
    }

    std::optional<Found> look_closer(std::uint64_t number, const dialogue::Dialogue& sequence) {
        if (rehearse(first_, second_, sequence) == Rehearsal::alike_at_times) return {};
        const auto slow = patient(sequence, quiet);
        if (!differs(first_, second_, slow)) return {};
        auto found = shortened(number, slow);
        // What differs with little patience only is a race of some milliseconds.
        if (differs(first_, second_, patient(found.shortest, long_quiet))) return found;
        return {};
    }

    Found shortened(std::uint64_t number, const dialogue::Dialogue& sequence) {
        const auto shortest =
            shrink(sequence, [&](const auto& candidate) { return differs(first_, second_, candidate); });
        const auto verdict = duel(first_, second_, shortest);
        return {number, shortest, verdict.first, verdict.second};
    }

    const Side& first_;
    const Side& second_;
    const CampaignOptions& options_;
    std::atomic<std::uint64_t> next_;
    std::mutex mutex_;
    CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const Side& first, const Side& second, const CampaignOptions& options) {
    return Campaign(first, second, options).run();
}

}  // namespace conformance::differential
