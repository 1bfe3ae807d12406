// The options of `broker` and `client`, and the command that repeats a part of their run.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "conformance/app/arguments.hpp"

namespace conformance::app {

void add_run_options(CLI::App&, RunArguments&);

// The command line without what chooses scenarios and names reports: reports add --select to it.
std::string repeatable(std::span<char* const> words);

// What a line that is refused says: CLI11's word, and what was perhaps meant.
std::string explain(const CLI::App&, const CLI::ParseError&, std::span<char* const> words);

}  // namespace conformance::app
