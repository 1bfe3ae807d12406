#include "simbroker/drive/asio_server_trace_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "simbroker/drive/asio_server.hpp"

namespace simbroker::drive {

TraceFile::TraceFile(std::filesystem::path path, TraceHeader header)
    : path_(std::move(path)), header_(std::move(header)) {
    open();
}

void TraceFile::open() {
    file_.open(path_, std::ios::binary);
    if (!file_) fail(std::strerror(errno));
    writer_.emplace(file_, header_);
    if (!file_) fail("cannot be written to");
}

void TraceFile::end() {
    writer_->end();
    file_.close();
    if (!file_) fail("not everything could be written (disk full?)");
}

std::string TraceFile::so_far() {
    file_.flush();
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream octets;
    octets << file.rdbuf();
    if (!file || !octets) fail("cannot be read");
    return octets.str() + writer_->end_record();
}

std::string TraceFile::begin_again() {
    end();
    const auto kept = fmt::format("{}.{}", path_.string(), ++kept_);
    std::error_code error;
    std::filesystem::rename(path_, kept, error);
    if (error) fail(fmt::format("cannot become {}: {}", kept, error.message()));
    open();
    return kept;
}

void TraceFile::fail(std::string_view why) const {
    throw ServerError(ServerError::Kind::trace_file, fmt::format("trace file {}: {}", path_.string(), why));
}

}  // namespace simbroker::drive
