// The broker and its network in virtual time, for the event loop of simbroker.aio. All in the caller's thread.
#include "simbroker/drive/simulated_server.hpp"

#include <pybind11/chrono.h>
#include <pybind11/stl.h>

#include "python/binding/binding.hpp"
#include "python/binding/faults.hpp"

namespace simbroker::binding {

namespace {

using drive::News;
using drive::SimulatedServer;

// Nanoseconds: Python's integers are exact, its timedelta is not.
std::int64_t nanoseconds(Instant instant) { return instant.time_since_epoch().count(); }

std::optional<std::int64_t> nanoseconds(std::optional<Instant> instant) {
    return instant ? std::optional(nanoseconds(*instant)) : std::nullopt;
}

const char* name_of(News::Kind kind) {
    switch (kind) {
        case News::Kind::accepted: return "accepted";
        case News::Kind::octets: return "octets";
        case News::Kind::ended: return "ended";
        case News::Kind::reset: return "reset";
        case News::Kind::refused: return "refused";
    }
    return "";
}

std::unique_ptr<SimulatedServer> make(
    const std::string& config,
    Seed seed,
    std::optional<std::string> trace,
    std::int64_t latency,
    std::int64_t jitter,
    std::uint64_t octets_per_second,
    std::uint16_t port
) {
    auto parsed = config_from_json(config);
    if (!parsed) raise("ConfigurationError", parsed.error());
    const LinkOptions link{
        .latency = Duration(latency), .jitter = Duration(jitter), .octets_per_second = octets_per_second
    };
    drive::SimulatedServerOptions options;
    options.config = std::move(*parsed);
    options.seed = seed;
    options.to_broker = link;
    options.to_client = link;
    options.port = port;
    if (trace) options.trace = *trace;
    try {
        return std::make_unique<SimulatedServer>(std::move(options));
    } catch (const std::runtime_error& error) {
        raise("TraceError", error.what());
    }
}

// now, the next event if any, and (connection, kind, octets) for each piece of news
py::tuple run(SimulatedServer& server, std::optional<std::int64_t> limit) {
    const auto instant = limit ? std::optional(Instant(Duration(*limit))) : std::nullopt;
    py::list news;
    for (const auto& item : server.run(instant)) {
        news.append(py::make_tuple(item.connection.value, name_of(item.kind), bytes_of(item.octets)));
    }
    return py::make_tuple(nanoseconds(server.now()), nanoseconds(server.next_event()), std::move(news));
}

std::vector<std::string> operate(SimulatedServer& server, const std::string& json) {
    auto operation = operation_from_json(json);
    if (!operation) raise("OperationError", operation.error());
    auto answer = server.operate(std::move(*operation));
    if (answer.refusal) raise("OperationError", *answer.refusal);
    return answer.rows;
}

Toward direction_of(const std::string& name) {
    if (name == "to_broker") return Toward::server;
    if (name == "to_client") return Toward::client;
    raise("ConfigurationError", "unknown direction '" + name + "'; expected to_broker or to_client");
}

std::vector<std::uint32_t> connections(const SimulatedServer& server) {
    std::vector<std::uint32_t> numbers;
    for (const auto connection : server.connections()) numbers.push_back(connection.value);
    return numbers;
}

void bind_network(py::class_<SimulatedServer>& server) {
    using Self = SimulatedServer;
    server.def("connect", [](Self& self) { return self.connect().value; });
    server.def(
        "send",
        [](Self& self, std::uint32_t id, const py::bytes& octets) { self.send({id}, view_of(octets)); },
        py::arg("connection"),
        py::arg("octets")
    );
    server.def("disconnect", [](Self& self, std::uint32_t id) { self.disconnect({id}); }, py::arg("connection"));
    server.def("drop", [](Self& self, std::uint32_t id) { self.drop({id}); }, py::arg("connection"));
    server.def(
        "stall",
        [](Self& self, std::uint32_t id, const std::string& direction) { self.stall({id}, direction_of(direction)); },
        py::arg("connection"),
        py::arg("direction")
    );
    server.def(
        "resume",
        [](Self& self, std::uint32_t id, const std::string& direction) { self.resume({id}, direction_of(direction)); },
        py::arg("connection"),
        py::arg("direction")
    );
    server.def_property_readonly("connections", &connections);
    server.def_property_readonly("port", &SimulatedServer::port);
}

void bind_operator(py::class_<SimulatedServer>& server) {
    using Self = SimulatedServer;
    server.def("operate", &operate, py::arg("operation"));
    server.def(
        "set_alarm",
        [](Self& self, const std::string& resource, bool raised) { self.inject(alarm_of(resource, raised)); },
        py::arg("resource"),
        py::arg("raised")
    );
    server.def(
        "close_connection",
        [](Self& self, std::uint32_t id, const std::string& reason) {
            self.inject(CloseConnection{.connection = {id}, .reason = reason});
        },
        py::arg("connection"),
        py::arg("reason")
    );
    server.def("shut_down", [](Self& self) { self.inject(Shutdown{}); });
    server.def("crash", [](Self& self) { self.inject(Crash{}); });
    server.def("start", [](Self& self) { self.inject(Start{}); });
}

}  // namespace

void bind_simulated_server(py::module_& module) {
    py::class_<SimulatedServer> server(module, "SimulatedServer", "A broker and its network in virtual time.");
    server.def(
        py::init(&make),
        py::kw_only(),
        py::arg("config"),
        py::arg("seed"),
        py::arg("trace"),
        py::arg("latency"),
        py::arg("jitter"),
        py::arg("octets_per_second"),
        py::arg("port")
    );
    server.def_property_readonly("now", [](const SimulatedServer& self) { return nanoseconds(self.now()); });
    server.def_property_readonly("next_deadline", [](const SimulatedServer& self) {
        return nanoseconds(self.next_deadline());
    });
    server.def("run", &run, py::arg("limit"));
    bind_network(server);
    bind_operator(server);
    bind_faults(server);
    server.def("events", &SimulatedServer::events_since, py::arg("since"));
    server.def_property_readonly("epoch", [](const SimulatedServer& self) { return self.epoch().count(); });
    server.def_property_readonly("trace_hash", &SimulatedServer::trace_hash);
    server.def("finish", &SimulatedServer::finish);
}

}  // namespace simbroker::binding
