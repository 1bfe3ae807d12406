// What happened inside the broker, as read-only Python objects.
#include <pybind11/chrono.h>
#include <pybind11/stl.h>

#include "python/binding/binding.hpp"
#include "simbroker/drive/timed_event.hpp"

namespace simbroker::binding {

namespace {

using drive::TimedEvent;

// A name from the wire may be any octets; what is no UTF-8 is shown as \xff.
py::str text_of(const std::string& octets) {
    const auto size = static_cast<py::ssize_t>(octets.size());
    return py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(octets.data(), size, "backslashreplace"));
}

std::string description(const TimedEvent& event) {
    auto text = std::string(to_string(event.event.kind));
    if (event.event.connection.value != 0) text += " connection=" + std::to_string(event.event.connection.value);
    if (event.event.channel != 0) text += " channel=" + std::to_string(event.event.channel);
    if (!event.event.subject.empty()) text += " subject=" + std::string(py::repr(text_of(event.event.subject)));
    if (!event.event.detail.empty()) text += " detail=" + std::string(py::repr(text_of(event.event.detail)));
    if (event.event.number != 0) text += " number=" + std::to_string(event.event.number);
    return text;
}

std::string repr(const TimedEvent& event) {
    const auto at = py::cast(event.at.time_since_epoch());
    return "<Event " + std::string(py::str(at)) + " " + description(event) + ">";
}

std::vector<std::string> event_kinds() {
    std::vector<std::string> names;
    for (std::uint8_t kind = 0;; ++kind) {
        const auto name = to_string(static_cast<Event::Kind>(kind));
        if (name.empty()) return names;
        names.emplace_back(name);
    }
}

}  // namespace

void bind_events(py::module_& module) {
    py::class_<TimedEvent>(module, "Event", "Something that happened inside the broker.")
        .def_readonly("sequence", &TimedEvent::sequence)
        .def_property_readonly("at", [](const TimedEvent& event) { return event.at.time_since_epoch(); })
        .def_property_readonly("kind", [](const TimedEvent& event) { return std::string(to_string(event.event.kind)); })
        .def_property_readonly("connection", [](const TimedEvent& event) { return event.event.connection.value; })
        .def_property_readonly("channel", [](const TimedEvent& event) { return event.event.channel; })
        .def_property_readonly("subject", [](const TimedEvent& event) { return text_of(event.event.subject); })
        .def_property_readonly("detail", [](const TimedEvent& event) { return text_of(event.event.detail); })
        .def_property_readonly("number", [](const TimedEvent& event) { return event.event.number; })
        .def("__repr__", &repr);
    module.def("event_kinds", &event_kinds);
}

}  // namespace simbroker::binding
