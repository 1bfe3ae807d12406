// Two brokers, one dialogue.
#pragma once

#include <functional>
#include <memory>

#include "conformance/dialogue/player.hpp"

namespace conformance::differential {

// A broker to ask. Each dialogue gets a stage of its own.
struct Side {
    std::string name;
    std::function<std::expected<std::unique_ptr<step::Stage>, std::string>()> make_stage;
    enum class Kind : std::uint8_t { of_our_own, shared } kind = Kind::of_our_own;  // shared: we clean up after us
};

struct Verdict {
    enum class Kind : std::uint8_t { same, different, trouble };

    Kind kind{};
    std::string first;  // the answers, or why there is none
    std::string second;
};

Verdict duel(const Side& first, const Side& second, const dialogue::Dialogue& dialogue);

// The same dialogue several times: a broker that answers differently each time has no one answer.
enum class Rehearsal : std::uint8_t { alike_at_times, always_different };

Rehearsal rehearse(const Side& first, const Side& second, const dialogue::Dialogue& dialogue);

// The same dialogue with nothing in flight: a settle after every act, and time for what is still on its way. What
// differs in a hurry only is a race, which a broker may win one way or the other.
dialogue::Dialogue patient(const dialogue::Dialogue& dialogue, simbroker::Duration quiet);

}  // namespace conformance::differential
