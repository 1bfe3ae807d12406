// The closed list of what a step can do. A verb is a row: its name, who may use it, its modifiers, how the loader
// checks it and how it runs. Each file of this folder gives the rows of one family.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/step/conversation.hpp"

namespace conformance::step {

using catalogue::Step;

struct Verb {
    std::string_view name;
    std::optional<Role> only;                 // nothing: both roles
    std::vector<std::string_view> modifiers;  // `note` is always allowed
    // What is wrong with the step whatever happens. The argument may hold variables that are not known yet.
    std::optional<std::string> (*check)(const Step&, Role);
    // Variables are replaced.
    Outcome (*run)(Conversation&, const Step&);
};

const std::vector<Verb>& verbs();
const Verb* find_verb(std::string_view name);

// The families.
std::vector<Verb> send_verbs();
std::vector<Verb> expect_verbs();
std::vector<Verb> expect_set_verbs();
std::vector<Verb> confirm_verbs();
std::vector<Verb> close_verbs();
std::vector<Verb> silence_verbs();
std::vector<Verb> connect_verbs();
std::vector<Verb> time_verbs();
std::vector<Verb> ask_verbs();
std::vector<Verb> fault_verbs();

// Everything that is wrong with the steps of a scenario, as far as it can be known before it runs.
std::vector<catalogue::LoadError> check_steps(const catalogue::Scenario&);

// Runs one step: replaces its variables, finds its verb.
Outcome run_step(Conversation&, const Step&);

}  // namespace conformance::step
