#include "conformance/app/shim_programs.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace conformance::app {

namespace {

constexpr int cannot_start = 2;

struct Program {
    std::string_view subcommand;
    std::string_view first_argument;  // empty: whatever it is
    std::string_view script;
    bool page = true;  // whether it writes one, if it can
};

constexpr Program programs[] = {
    {"shim-check", "", "shim_check.py"},
    {"interop", "", "interop.py"},
    {"client", "all", "results.py", false},
};

const Program* asked_for(int argc, char** argv) {
    for (const auto& program : programs) {
        if (argc < 2 || argv[1] != program.subcommand) continue;
        if (program.first_argument.empty() || (argc > 2 && argv[2] == program.first_argument)) return &program;
    }
    return nullptr;
}

}  // namespace

std::optional<int> become_shim_program(int argc, char** argv) {
    const auto* program = asked_for(argc, argv);
    if (program == nullptr) return {};
    std::error_code unknown;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
    std::vector<std::string> words{
        "/usr/bin/python3",
        std::string(SIMBROKER_SOURCE_DIR) + "/conformance/shim/" + std::string(program->script),
        "--conformance",
        self.string(),
    };
    if (!program->page) words.emplace_back("--no-page");
    for (int i = program->first_argument.empty() ? 2 : 3; i < argc; ++i) words.emplace_back(argv[i]);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    std::cerr << "amqp-conformance: " << words[0] << " cannot be started: " << std::strerror(errno) << "\n";
    return cannot_start;
}

}  // namespace conformance::app
