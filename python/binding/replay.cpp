// Running a trace again.
#include "simbroker/drive/replay.hpp"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "python/binding/binding.hpp"

namespace simbroker::binding {

namespace {

std::expected<drive::ReplayReport, TraceError> run(const std::filesystem::path& trace) {
    const py::gil_scoped_release waiting;
    return drive::replay(trace);
}

// inputs, output octets, hash, text of the difference or None, where the file was cut short or None
py::tuple replay(const std::filesystem::path& trace) {
    const auto report = run(trace);
    if (!report) raise("TraceError", trace.string() + ": " + to_string(report.error()));
    const auto text_of = [](const auto& maybe) -> py::object {
        if (!maybe) return py::none();
        return py::str(to_string(*maybe));
    };
    return py::make_tuple(
        report->inputs, report->output_octets, report->hash, text_of(report->difference), text_of(report->cut_short)
    );
}

}  // namespace

void bind_replay(py::module_& module) { module.def("replay", &replay, py::arg("trace")); }

}  // namespace simbroker::binding
