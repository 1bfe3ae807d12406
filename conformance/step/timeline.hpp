// What happened in a conversation, in its order and each at its instant: what reports show. Steps and the conversation
// write it, reports read it; no step looks into it, so no verdict can depend on it.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conformance/catalogue/scenario.hpp"
#include "conformance/step/stage.hpp"
#include "conformance/step/trouble.hpp"
#include "simbroker/fault/frame_stream.hpp"

namespace conformance::step {

enum class Speaker : std::uint8_t { client, broker };

// Steps that ran are counted from 1; 0: before the first.
using StepNumber = std::size_t;

// What follows is preparation, the scenario itself, the check afterwards or the clean-up.
struct PhaseBegun {
    std::string name;
};

struct StepRun {
    StepNumber number{};
    StepNumber outer{};  // the `repeat` it belongs to
    catalogue::Location at;
    std::string verb;
    nlohmann::json argument;  // variables are replaced
    nlohmann::json modifiers;
    std::optional<Instant> ended{};
    std::optional<Trouble> trouble{};
};

// One frame, protocol header or run of octets that is no frame.
struct Said {
    std::string line;
    Speaker from{};
    std::size_t nth{};            // of what this speaker says on this line, from 0
    simbroker::fault::Unit unit;  // its octets as far as they are kept
    std::size_t size{};           // of all its octets
    StepNumber taken_by{};        // the step that looked at it; 0: none has
};

// Anything else: `what` says which kind, `text` and `value` tell it.
struct Event {
    enum class Kind : std::uint8_t {
        opened,    // a transport
        ended,     // by the peer under test
        dropped,   // by the other side
        asked,     // a request to the shim: `value`
        answered,  // the shim's line: `value`
        exited,    // the shim
        struck,    // a fault, where `line` says
        breach,    // of a rule that holds at all times, by the peer under test
        no_frame,  // octets that never became a frame
    };
    Kind kind{};
    std::string line{};
    std::string text{};
    nlohmann::json value{};
};

struct Entry {
    Instant at{};
    StepNumber during{};  // the step at work
    std::variant<PhaseBegun, StepRun, Said, Event> what;
};

class Timeline {
public:
    // What lies between the beginning and the end of a long conversation is left out.
    static constexpr std::size_t most_kept_of_beginning = 600;
    static constexpr std::size_t most_kept_of_end = 200;
    static constexpr std::size_t longest_body_kept = 512;
    static constexpr std::size_t longest_frame_kept = 1 << 16;

    void begin_phase(Instant, std::string name);
    void begin_step(Instant, const catalogue::Step&);
    void end_step(Instant, const Outcome&);
    void add(Instant, Event);

    // Octets of one direction of a line, cut into frames here.
    void hear(Instant, const std::string& line, Speaker, codec::wire::BytesView octets);
    // The step at work looks at the nth thing, from 0, that the speaker has said on the line.
    void take(const std::string& line, Speaker, std::size_t nth);
    // All is over: octets that never became a frame are told.
    void finish(Instant);

    // Octets that no report may show, such as a password: in what is heard from now on they become asterisks.
    void hide(std::string secret) { secret_ = std::move(secret); }

    const std::vector<Entry>& beginning() const { return beginning_; }
    std::size_t left_out() const { return left_out_; }
    const std::deque<Entry>& end() const { return end_; }
    Instant began() const { return began_.value_or(Instant{}); }

private:
    struct Direction {
        simbroker::fault::FrameStream stream;
        std::size_t said = 0;     // units
        codec::wire::Bytes rest;  // octets that are no unit yet
    };

    void push(Instant, std::variant<PhaseBegun, StepRun, Said, Event> what);
    template <class What, class Predicate>
    What* find_last(Predicate matches);
    nlohmann::json without_secret(nlohmann::json value) const;

    std::vector<Entry> beginning_;
    std::deque<Entry> end_;
    std::size_t left_out_ = 0;
    std::optional<Instant> began_;
    std::vector<StepNumber> at_work_;  // innermost last
    StepNumber steps_ = 0;
    std::map<std::string, std::array<Direction, 2>> lines_;
    std::string secret_;
};

}  // namespace conformance::step
