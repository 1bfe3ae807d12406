// Asks a broker many questions, several at a time.
#pragma once

#include <functional>
#include <memory>

#include "conformance/dialogue/answers.hpp"
#include "conformance/dialogue/load.hpp"
#include "conformance/dialogue/player.hpp"

namespace conformance::dialogue {

using StageMaker = std::function<std::expected<std::unique_ptr<step::Stage>, std::string>(const Dialogue&)>;

struct AskOptions {
    enum class Aftermath : std::uint8_t { leave, clean_up };

    PlayOptions play;
    unsigned jobs = 1;
    Aftermath aftermath = Aftermath::leave;
};

struct Asked {
    Answers answers;
    std::vector<std::string> troubles;  // questions that could not be asked, and why
};

Asked ask_all(const std::vector<const Dialogue*>& dialogues, const StageMaker& make_stage, const AskOptions& options);

}  // namespace conformance::dialogue
