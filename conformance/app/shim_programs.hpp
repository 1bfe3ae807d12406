// The subcommands that are programs of conformance/shim/: they talk to shims, as programs to programs.
#pragma once

#include <optional>

namespace conformance::app {

// Becomes such a program if the command line asks for one. Else returns nothing; a status only if it cannot be started.
std::optional<int> become_shim_program(int argc, char** argv);

}  // namespace conformance::app
