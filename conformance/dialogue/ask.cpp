#include "conformance/dialogue/ask.hpp"

#include <atomic>
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

}  // namespace

Asked ask_all(const std::vector<const Dialogue*>& dialogues, const StageMaker& make_stage, const AskOptions& options) {
    Asked asked;
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (auto i = next++; i < dialogues.size(); i = next++) {
            auto answer = ask(*dialogues[i], make_stage, options);
            const std::lock_guard lock(mutex);
            if (answer) {
                asked.answers[dialogues[i]->id] = std::move(*answer);
            } else {
                asked.troubles.push_back(dialogues[i]->id + ": " + answer.error());
            }
        }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < options.jobs; ++i) workers.emplace_back(work);
    work();
    workers.clear();
    return asked;
}

}  // namespace conformance::dialogue
