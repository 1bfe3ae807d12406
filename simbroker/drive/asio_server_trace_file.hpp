// The file that a server's trace goes to: its end when the broker is through, a look at it before, and a new one when
// the broker begins anew.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "simbroker/core/trace.hpp"

namespace simbroker::drive {

// All of this throws ServerError with the name of the file.
class TraceFile {
public:
    TraceFile(std::filesystem::path path, TraceHeader header);

    TraceWriter& writer() { return *writer_; }
    void end();

    // What stands in the file, as a whole trace.
    std::string so_far();

    // Ends it, gives the file a number, and begins anew under the old name. The name with the number.
    std::string begin_again();

private:
    void open();
    [[noreturn]] void fail(std::string_view why) const;

    std::filesystem::path path_;
    TraceHeader header_;
    std::ofstream file_;
    std::optional<TraceWriter> writer_;
    int kept_ = 0;
};

}  // namespace simbroker::drive
