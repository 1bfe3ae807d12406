// The faults of a broker, on sockets or simulated: rules come and go as JSON.
#pragma once

#include <pybind11/stl.h>

#include "python/binding/binding.hpp"
#include "simbroker/control/command.hpp"
#include "simbroker/fault/fault_plan.hpp"

namespace simbroker::binding {

// Its id.
template <class Server>
std::string add_fault(Server& server, const std::string& rule) {
    if (const auto good = fault::rule_from_text(rule); !good) raise("FaultError", to_string(good.error()));
    const auto answer = [&] {
        const py::gil_scoped_release waiting;
        return server.ask(AddFault{rule});
    }();
    if (answer.refusal) raise("FaultError", *answer.refusal);
    return *answer.rule;
}

template <class Server>
void remove_fault(Server& server, const std::string& id) {
    const auto answer = [&] {
        const py::gil_scoped_release waiting;
        return server.ask(RemoveFault{id});
    }();
    if (answer.refusal) raise("FaultError", *answer.refusal);
}

// Each as JSON, with how often it matched and fired.
template <class Server>
std::vector<std::string> faults(const Server& server) {
    const auto all = [&] {
        const py::gil_scoped_release waiting;
        return server.faults();
    }();
    std::vector<std::string> rows;
    for (const auto& status : all) {
        const nlohmann::json row{
            {"id", status.id},
            {"rule", status.rule},
            {"matched", status.matched},
            {"fired", status.fired},
            {"spent", status.spent},
        };
        rows.push_back(row.dump());
    }
    return rows;
}

template <class Server, class... Options>
void bind_faults(py::class_<Server, Options...>& server) {
    server.def("add_fault", &add_fault<Server>, py::arg("rule"));
    server.def("remove_fault", &remove_fault<Server>, py::arg("id"));
    server.def(
        "release_held",
        [](Server& self, const std::string& label) {
            const py::gil_scoped_release waiting;
            self.ask(ReleaseHeld{label});
        },
        py::arg("label")
    );
    server.def("faults", &faults<Server>);
}

}  // namespace simbroker::binding
