#include "simbroker/explore/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <thread>

namespace simbroker::explore {
namespace {

Outcome run_seed(const Workload& workload, Seed seed, const SweepOptions& options) {
    const auto plan = draw(workload, seed);
    auto outcome = run(plan, options.run);
    if (options.repeat == Repeat::once) return outcome;
    const auto again = run(plan, options.run);
    if (again == outcome || outcome.finding) return outcome;
    outcome.finding = Finding{
        "deterministic",
        "simbroker: same configuration, same seed, same inputs",
        Instant(outcome.virtual_time),
        fmt::format("the first run has the hash {:016x}, the second {:016x}", outcome.hash, again.hash)
    };
    return outcome;
}

std::optional<Seed> number(std::string_view text) {
    Seed value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::expected<SeedRange, std::string> seed_range(std::string_view text) {
    const auto dots = text.find("..");
    const auto first = number(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : number(text.substr(dots + 2));
    constexpr std::uint64_t most = 1'000'000'000;
    if (first && last && *first <= *last && *last - *first < most) return SeedRange{*first, *last};
    return std::unexpected(
        fmt::format("\"{}\" is no range of seeds; expected A..B or A, at most {} of them", text, most)
    );
}

std::vector<Outcome> sweep(const Workload& workload, SeedRange seeds, const SweepOptions& options) {
    const auto count = seeds.count();
    std::vector<Outcome> outcomes(static_cast<std::size_t>(count));
    std::atomic<std::uint64_t> next{0};
    std::mutex telling;
    const auto work = [&] {
        for (auto i = next++; i < count; i = next++) {
            auto& outcome = outcomes[static_cast<std::size_t>(i)];
            outcome = run_seed(workload, seeds.first + i, options);
            if (!options.done) continue;
            const std::scoped_lock lock(telling);
            options.done(outcome);
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::uint64_t>(std::max(options.jobs, 1U), count); ++i) others.emplace_back(work);
    work();
    others.clear();
    return outcomes;
}

}  // namespace simbroker::explore
