// Faults that people know by name. Each is a row: a rule of verbs (verb.hpp) with blanks for its parameters, and when
// it acts unless told otherwise.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simbroker/fault/reading.hpp"

namespace simbroker::fault {

struct Parameter {
    enum class Kind : std::uint8_t { number, count, duration, text, boolean, octets, method };

    std::string_view name;
    Kind kind{};
    std::string_view otherwise{};  // JSON; empty: it has to be given; "null": it is left out
};

struct NamedFault {
    std::string_view name;
    std::span<const Parameter> parameters;
    std::string_view rule;  // JSON; {"!parameter": "name"} is one
    std::string_view sees;
};

std::span<const NamedFault> named_faults();

// "{code, text: \"\"}", as the table in README.md has it.
std::string parameters_in_words(const NamedFault&);

// The rule in other words, if `do` is one of these names; nothing if it is not.
Read<std::optional<nlohmann::json>> spelled_out(const Reading& rule);

}  // namespace simbroker::fault
