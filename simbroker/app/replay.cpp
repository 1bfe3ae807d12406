// `simbroker replay`: whether a trace still gives the same octets.
#include "simbroker/drive/replay.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "simbroker/app/serve.hpp"

namespace simbroker::app {

int replay(const ReplayArguments& arguments) {
    const auto report = drive::replay(std::filesystem::path(arguments.file));
    if (!report) {
        fmt::print(stderr, "simbroker replay: {}: {}\n", arguments.file, to_string(report.error()));
        return 2;
    }
    fmt::print("{}\n", to_string(*report));
    if (arguments.print_hash) fmt::print("hash {:016x}\n", report->hash);
    return report->difference ? 1 : 0;
}

}  // namespace simbroker::app
