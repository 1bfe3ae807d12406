// What the files of the extension module share: how errors become Python exceptions and JSON becomes Python values.
#pragma once

#include <pybind11/pybind11.h>

#include <nlohmann/json.hpp>
#include <string>

#include "codec/wire/bytes.hpp"
#include "simbroker/core/input.hpp"

namespace simbroker::binding {

namespace py = pybind11;

// Raises simbroker.errors.<name>, one of the classes of python/simbroker/errors.py. Needs the GIL.
[[noreturn]] void raise(const char* name, const std::string& text);

py::object python_of(const nlohmann::json& json);

// None, bool, int, float, str, bytes (as {"!hex": ..}), list, tuple and dict with text as keys. Anything else raises
// EncodeError, with `path` to say where it stood.
nlohmann::json json_of(const py::handle& value, const std::string& path);

inline codec::wire::BytesView view_of(const py::bytes& bytes) {
    return codec::wire::as_bytes(static_cast<std::string_view>(bytes));
}

inline py::bytes bytes_of(codec::wire::BytesView octets) {
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// "memory" or "disk"; anything else raises ConfigurationError.
SetAlarm alarm_of(const std::string& resource, bool raised);

void bind_codec(py::module_& module);
void bind_events(py::module_& module);
void bind_server(py::module_& module);
void bind_replay(py::module_& module);
void bind_simulated_server(py::module_& module);
void bind_explore(py::module_& module);
void bind_trace(py::module_& module);
void bind_scenarios(py::module_& module);

}  // namespace simbroker::binding
