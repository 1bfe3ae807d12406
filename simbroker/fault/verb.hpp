// What may stand in `do`: a row for each verb says its name, what it takes, what a client sees of it, and how it is
// read. The table in README.md is these rows and those of named.hpp; a test compares them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "simbroker/fault/fault.hpp"
#include "simbroker/fault/reading.hpp"

namespace simbroker::fault {

// What a verb is read with: its argument, null if it has none, and the trigger, null for a rule without a frame.
using ReadVerb = Read<Fault> (*)(const Reading& argument, const Trigger* trigger);

struct Verb {
    enum class Needs : std::uint8_t { frame, nothing };

    std::string_view name;
    std::string_view argument;  // for people: "" for none
    std::string_view sees;
    Needs needs = Needs::frame;
    ReadVerb read;
};

// Of what a peer says (verb_speech.cpp).
std::span<const Verb> speech_verbs();
// Of what a transport and the broker behind it suffer (verb_outage.cpp).
std::span<const Verb> outage_verbs();
// Of what a wire does, and the door (verb_wire.cpp).
std::span<const Verb> wire_verbs();
// Of what a broker suffers from operators and hardware (verb_broker.cpp).
std::span<const Verb> broker_verbs();

std::vector<Verb> all_verbs();
const Verb* find_verb(std::string_view name);

}  // namespace simbroker::fault
