#include "conformance/dialogue/ask.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace conformance::dialogue {

namespace {

std::expected<std::string, std::string> ask(
    const Dialogue& dialogue, const StageMaker& make_stage, const AskOptions& options
) {
    const auto stage = make_stage(dialogue);
    if (!stage) return std::unexpected(stage.error());
    auto answer = play(**stage, dialogue, options.play);
    if (options.aftermath == AskOptions::Aftermath::clean_up) clean_up(**stage, dialogue);
    return answer;
}

// What happens in it, happens to the whole broker.
bool wants_to_be_alone(const Dialogue* dialogue) {
    return std::ranges::find(dialogue->needs, "alone") != dialogue->needs.end();
}

}  // namespace

Asked ask_all(const std::vector<const Dialogue*>& dialogues, const StageMaker& make_stage, const AskOptions& options) {
    Asked asked;
    std::mutex mutex;
    const auto ask_these = [&](const std::vector<const Dialogue*>& these, unsigned jobs) {
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (auto i = next++; i < these.size(); i = next++) {
                auto answer = ask(*these[i], make_stage, options);
                const std::lock_guard lock(mutex);
                if (answer) {
                    asked.answers[these[i]->id] = std::move(*answer);
                } else {
                    asked.troubles.push_back(these[i]->id + ": " + answer.error());
                }
            }
        };
        std::vector<std::jthread> workers;
        for (unsigned i = 1; i < jobs; ++i) workers.emplace_back(work);
        work();
    };
    auto dialogues_left = dialogues;
    const auto alone = std::ranges::stable_partition(dialogues_left, std::not_fn(wants_to_be_alone));
    const std::vector<const Dialogue*> last(alone.begin(), alone.end());
    dialogues_left.erase(alone.begin(), alone.end());
    ask_these(dialogues_left, options.jobs);
    ask_these(last, 1);
    return asked;
}

}  // namespace conformance::dialogue
