#include "conformance/fuzz/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include "conformance/fuzz/save.hpp"
#include "conformance/fuzz/shrink.hpp"

namespace conformance::fuzz {

using catalogue::Scenario;

namespace {

// Cases that a target plays in one go: as many as a new process, or a look at what they left, is worth.
constexpr std::uint64_t batch = 64;

// What stands before the details: "afterwards", "the shim ended".
std::string_view kind_of(std::string_view wrong) { return wrong.substr(0, wrong.find(':')); }

class Campaign {
public:
    Campaign(const TargetMaker& make, const CampaignOptions& options)
        : make_(make), options_(options), next_(options.first) {}

    CampaignResult run() {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < options_.jobs; ++i) others.emplace_back([this] { work(); });
        work();
        others.clear();
        std::ranges::sort(result_.found, {}, &Finding::number);
        return std::move(result_);
    }

private:
    void work() {
        auto target = make_();
        if (!target) return trouble(target.error());
        const auto end = options_.first + options_.cases;
        for (auto first = next_.fetch_add(batch); first < end; first = next_.fetch_add(batch)) {
            if (!play(**target, first, std::min(batch, end - first))) return;
        }
    }

    bool play(Target& target, std::uint64_t first, std::uint64_t count) {
        while (count > 0) {
            if (enough()) return false;
            const auto mishap = target.play(first, count);
            const auto played = mishap ? mishap->number - first + 1 : count;
            if (mishap) add(look_closer(target, *mishap));
            count -= played;
            first += played;
            const std::lock_guard lock(mutex_);
            result_.played += played;
            if (options_.on_progress) options_.on_progress(result_.played);
        }
        return true;
    }

    bool enough() {
        const std::lock_guard lock(mutex_);
        return result_.found.size() >= options_.most_findings;
    }

    void add(Finding finding) {
        const std::lock_guard lock(mutex_);
        if (options_.on_finding) options_.on_finding(finding);
        result_.found.push_back(std::move(finding));
    }

    Finding look_closer(Target& target, const Mishap& mishap) {
        Finding finding{.number = mishap.number, .text = mishap.text};
        auto scenario = target.make(mishap.number);
        if (const auto again = target.play_alone(scenario)) {
            finding.text = *again;
            const auto once = [&](const Scenario& candidate) {
                const auto wrong = target.play_alone(candidate);
                return wrong && kind_of(*wrong) == kind_of(*again);
            };
            // Twice: what goes wrong by chance only, in a race of a client with its own end, is no better for being
            // short.
            const auto goes_wrong_so = [&](const Scenario& candidate) { return once(candidate) && once(candidate); };
            scenario = shrink(std::move(scenario), goes_wrong_so, options_.most_plays);
        }
        scenario.id = fmt::format("fuzz.{}.{}", options_.peer, scenario.id.substr(scenario.id.find("seed-")));
        scenario.title = "what a fuzzer found to go wrong";
        scenario.notes = finding.text;
        save(scenario, finding);
        finding.alone = target.play_alone(loaded(finding).value_or(scenario));
        return finding;
    }

    void save(const Scenario& scenario, Finding& finding) {
        finding.id = scenario.id;
        finding.file = options_.folder / (scenario.id + ".yaml");
        std::error_code failed;
        std::filesystem::create_directories(options_.folder, failed);
        std::ofstream file(finding.file);
        file << to_yaml(scenario) << std::flush;
        if (!file) trouble(finding.file.string() + " cannot be written");
    }

    std::optional<Scenario> loaded(const Finding& finding) {
        std::vector<catalogue::LoadError> errors;
        auto scenarios = catalogue::load_scenarios(finding.file, finding.file.string(), {}, errors);
        for (const auto& error : errors) trouble(to_string(error));
        if (scenarios.size() != 1) return {};
        return std::move(scenarios.front());
    }

    // The same may befall every worker.
    void trouble(std::string text) {
        const std::lock_guard lock(mutex_);
        auto& all = result_.troubles;
        if (std::ranges::find(all, text) == all.end()) all.push_back(std::move(text));
    }

    const TargetMaker& make_;
    const CampaignOptions& options_;
    std::atomic<std::uint64_t> next_;
    std::mutex mutex_;
    CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const TargetMaker& make, const CampaignOptions& options) {
    return Campaign(make, options).run();
}

}  // namespace conformance::fuzz
