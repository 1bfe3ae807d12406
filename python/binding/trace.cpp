// Traces for human eyes: shown, compared, exported.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "python/binding/binding.hpp"
#include "simbroker/trace/diff.hpp"
#include "simbroker/trace/pcapng.hpp"
#include "simbroker/trace/show.hpp"

namespace simbroker::binding {

namespace {

using std::filesystem::path;

std::ifstream open(const path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) raise("TraceError", file.string() + ": cannot be read: " + std::strerror(errno));
    return stream;
}

[[noreturn]] void refuse(const path& file, const TraceError& error) {
    raise("TraceError", file.string() + ": " + to_string(error));
}

std::string show(
    const path& file,
    std::optional<std::uint32_t> connection,
    std::int64_t from,
    std::optional<std::int64_t> to,
    bool heartbeats
) {
    auto stream = open(file);
    trace::Selection selection;
    if (connection) selection.connection = ConnectionId{*connection};
    selection.from = Instant(Duration(from));
    if (to) selection.to = Instant(Duration(*to));
    if (heartbeats) selection.heartbeats = trace::Selection::Heartbeats::shown;
    std::ostringstream text;
    if (const auto shown = trace::show(stream, text, selection); !shown) refuse(file, shown.error());
    return text.str();
}

// whether they are the same, and what there is to say
py::tuple diff(const path& first, const path& second, bool ignore_times) {
    auto one = open(first);
    auto other = open(second);
    std::ostringstream text;
    const auto times = ignore_times ? trace::Times::ignored : trace::Times::compared;
    const auto same = trace::diff(one, other, text, times);
    if (!same) refuse(same.error().which == trace::DiffError::Which::first ? first : second, same.error().error);
    return py::make_tuple(*same == trace::Same::yes, text.str());
}

// packets, connections
py::tuple export_pcapng(const path& file, const path& to) {
    auto stream = open(file);
    std::ofstream out(to, std::ios::binary | std::ios::trunc);
    if (!out) raise("TraceError", to.string() + ": cannot be written: " + std::strerror(errno));
    const auto capture = trace::write_pcapng(stream, out);
    if (!capture) refuse(file, capture.error());
    out.close();
    if (!out) raise("TraceError", to.string() + ": could not be written to its end");
    return py::make_tuple(capture->packets, capture->connections);
}

}  // namespace

void bind_trace(py::module_& module) {
    module.def(
        "show_trace",
        &show,
        py::arg("file"),
        py::arg("connection"),
        py::arg("from_"),
        py::arg("to"),
        py::arg("heartbeats")
    );
    module.def("diff_traces", &diff, py::arg("first"), py::arg("second"), py::arg("ignore_times"));
    module.def("export_pcapng", &export_pcapng, py::arg("file"), py::arg("to"));
}

}  // namespace simbroker::binding
