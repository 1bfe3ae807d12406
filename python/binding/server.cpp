// The broker on real sockets. Every call that may wait lets other Python threads run.
#include <pybind11/chrono.h>
#include <pybind11/stl.h>

#include <map>

#include "python/binding/binding.hpp"
#include "python/binding/faults.hpp"
#include "simbroker/drive/asio_server.hpp"
#include "simbroker/drive/certificates.hpp"

namespace simbroker::binding {

SetAlarm alarm_of(const std::string& resource, bool raised) {
    if (resource != "memory" && resource != "disk") {
        raise("ConfigurationError", "unknown alarm '" + resource + "'; expected memory or disk");
    }
    return {
        .resource = resource == "memory" ? SetAlarm::Resource::memory : SetAlarm::Resource::disk,
        .state = raised ? SetAlarm::State::raised : SetAlarm::State::cleared,
    };
}

namespace {

using drive::ClockChoice;
using drive::Server;
using drive::ServerError;
using drive::ServerOptions;

const char* exception_for(ServerError::Kind kind) {
    switch (kind) {
        case ServerError::Kind::cannot_listen: return "AddressError";
        case ServerError::Kind::trace_file: return "TraceError";
        case ServerError::Kind::wrong_clock: return "ClockError";
        case ServerError::Kind::bad_input: return "ConfigurationError";
        case ServerError::Kind::closed: return "ClosedError";
        case ServerError::Kind::failed: return "Error";
    }
    return "Error";
}

void translate(std::exception_ptr thrown) {
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const ServerError& error) {
        const auto type = py::module_::import("simbroker.errors").attr(exception_for(error.kind()));
        PyErr_SetString(type.ptr(), error.what());
    }
}

std::vector<std::string> profile_names() {
    std::vector<std::string> names;
    for (const auto* profile : profile::all()) names.emplace_back(profile->name);
    return names;
}

// A test waits for a clock that only it can turn: a warning, from the server's thread. If warnings are errors there is
// nobody here to catch one.
void warn_of_waiting(const std::string& text) {
    if (Py_IsInitialized() == 0 || _Py_IsFinalizing() != 0) return;
    const py::gil_scoped_acquire python;
    try {
        py::module_::import("simbroker.broker").attr("_warn_of_waiting")(text);
    } catch (py::error_already_set& error) {
        error.discard_as_unraisable("a test waits for the broker");
    }
}

struct Arguments {
    std::string clock, host;
    Seed seed;
    std::uint16_t port;
    std::optional<std::string> trace;
    std::string config;                                     // JSON
    std::optional<std::map<std::string, std::string>> tls;  // port, certificate, key, authority, verify
    bool control;
};

drive::TlsOptions tls_of(const std::map<std::string, std::string>& given) {
    using drive::PeerVerification;
    const auto& verify = given.at("verify");
    if (verify != "none" && verify != "peer" && verify != "required") {
        raise("ConfigurationError", "tls: verify is '" + verify + "'; expected none, peer or required");
    }
    return {
        .port = static_cast<std::uint16_t>(std::stoi(given.at("port"))),
        .shown = {.certificate = given.at("certificate"), .key = given.at("key")},
        .others = drive::bad_certificates_beside(given.at("certificate")),
        .authority = given.at("authority"),
        .verification = verify == "required" ? PeerVerification::required
                        : verify == "peer"   ? PeerVerification::peer
                                             : PeerVerification::none,
    };
}

void write_certificates(const std::string& directory, std::vector<std::string> hosts, std::string client) {
    try {
        drive::make_certificates(directory, {.hosts = std::move(hosts), .client = std::move(client)});
    } catch (const std::exception& error) {
        raise("ConfigurationError", error.what());
    }
}

ServerOptions options_of(const Arguments& given) {
    const auto clock = ClockChoice::parse(given.clock);
    if (!clock) raise("ConfigurationError", clock.error());
    auto config = config_from_json(given.config);
    if (!config) raise("ConfigurationError", config.error());
    ServerOptions options;
    options.host = given.host;
    options.port = given.port;
    options.clock = *clock;
    options.seed = given.seed;
    options.config = std::move(*config);
    if (given.tls) options.tls = tls_of(*given.tls);
    if (given.trace) options.trace = *given.trace;
    if (given.control) options.control = drive::ControlOptions{};
    options.on_waiting = warn_of_waiting;
    return options;
}

// Its thread may want the interpreter while it ends.
struct DeleteWithoutGil {
    void operator()(Server* server) const {
        const py::gil_scoped_release waiting;
        delete server;
    }
};
using ServerHolder = std::unique_ptr<Server, DeleteWithoutGil>;

ServerHolder start(const Arguments& given) {
    auto options = options_of(given);
    const py::gil_scoped_release waiting;
    return ServerHolder(new Server(std::move(options)));
}

void set_alarm(Server& server, const std::string& resource, bool raised) {
    const auto alarm = alarm_of(resource, raised);
    const py::gil_scoped_release waiting;
    server.inject(alarm);
}

std::vector<std::string> operate(Server& server, const std::string& json) {
    auto operation = operation_from_json(json);
    if (!operation) raise("OperationError", operation.error());
    auto answer = [&] {
        const py::gil_scoped_release waiting;
        return server.operate(std::move(*operation));
    }();
    if (answer.refusal) raise("OperationError", *answer.refusal);
    return answer.rows;
}

// 0 octets: writes stay whole.
void split_writes(Server& server, std::size_t octets, std::chrono::microseconds pause) {
    LinkOptions link{.gap = pause};
    if (octets > 0) link.segmentation = {.kind = Segmentation::Kind::fixed, .size = octets};
    const py::gil_scoped_release waiting;
    server.change(Wire{.toward = Toward::client, .change = wire::Bend{link}});
}

std::vector<std::uint32_t> connections(const Server& server) {
    std::vector<std::uint32_t> numbers;
    for (const auto connection : server.connections()) numbers.push_back(connection.value);
    return numbers;
}

std::optional<std::pair<Duration, Deadline>> advance_to_next(Server& server) {
    auto reached = server.advance_to_next();
    if (!reached) return std::nullopt;
    return std::pair(reached->passed, std::move(reached->deadline));
}

using ReleaseGil = py::call_guard<py::gil_scoped_release>;

void bind_deadline(py::module_& module) {
    py::class_<Deadline>(module, "Deadline", "What is due next by itself, and whose affair it is.")
        .def_property_readonly("at", [](const Deadline& self) { return self.at.time_since_epoch(); })
        .def_property_readonly("kind", [](const Deadline& self) { return std::string(to_string(self.kind)); })
        .def_property_readonly("text", [](const Deadline& self) { return to_string(self); })
        .def_property_readonly("connection", [](const Deadline& self) { return self.connection.value; })
        .def_readonly("channel", &Deadline::channel)
        .def_readonly("vhost", &Deadline::vhost)
        .def_readonly("subject", &Deadline::subject);
}

void bind_time(py::class_<Server, ServerHolder>& server) {
    server.def_property_readonly(
        "now", py::cpp_function([](const Server& self) { return self.now().time_since_epoch(); }, ReleaseGil())
    );
    server.def_property_readonly("next_deadline", py::cpp_function(&Server::what_is_next, ReleaseGil()));
    server.def("advance", &Server::advance, py::arg("by"), ReleaseGil());
    server.def("advance_to_next", &advance_to_next, ReleaseGil());
}

void bind_operations(py::class_<Server, ServerHolder>& server) {
    server.def("operate", &operate, py::arg("operation"));
    server.def("set_alarm", &set_alarm, py::arg("resource"), py::arg("raised"));
    server.def("split_writes", &split_writes, py::arg("octets"), py::arg("pause"));
    server.def(
        "close_connection",
        [](Server& self, std::uint32_t connection, const std::string& reason) {
            self.inject(CloseConnection{.connection = {connection}, .reason = reason});
        },
        py::arg("connection"),
        py::arg("reason"),
        ReleaseGil()
    );
    server.def(
        "drop_connection",
        [](Server& self, std::uint32_t connection) { self.drop({connection}); },
        py::arg("connection"),
        ReleaseGil()
    );
    server.def("shut_down", [](Server& self) { self.inject(Shutdown{}); }, ReleaseGil());
    server.def("crash", [](Server& self) { self.inject(Crash{}); }, ReleaseGil());
    server.def("start", [](Server& self) { self.inject(Start{}); }, ReleaseGil());
    server.def("reset", &Server::reset, ReleaseGil());
    server.def("close", &Server::close, ReleaseGil());
}

}  // namespace

void bind_server(py::module_& module) {
    py::register_exception_translator(&translate);
    module.def("profiles", &profile_names);
    module.def("make_certificates", &write_certificates, py::arg("directory"), py::arg("hosts"), py::arg("client"));

    bind_deadline(module);
    py::class_<Server, ServerHolder> server(module, "Server", "A broker on real sockets, with a thread of its own.");
    server.def(
        py::init([](std::string clock,
                    Seed seed,
                    std::string host,
                    std::uint16_t port,
                    std::optional<std::string> trace,
                    std::string config,
                    std::optional<std::map<std::string, std::string>> tls,
                    bool control) {
            return start(
                {.clock = std::move(clock),
                 .host = std::move(host),
                 .seed = seed,
                 .port = port,
                 .trace = std::move(trace),
                 .config = std::move(config),
                 .tls = std::move(tls),
                 .control = control}
            );
        }),
        py::kw_only(),
        py::arg("clock"),
        py::arg("seed"),
        py::arg("host"),
        py::arg("port"),
        py::arg("trace"),
        py::arg("config"),
        py::arg("tls"),
        py::arg("control")
    );
    server.def_property_readonly("host", &Server::host);
    server.def_property_readonly("port", &Server::port);
    server.def_property_readonly("tls_port", &Server::tls_port);
    server.def_property_readonly("url", &Server::url);
    server.def_property_readonly("control_url", &Server::control_url);
    server.def_property_readonly("connections", py::cpp_function(&connections, ReleaseGil()));
    bind_time(server);
    bind_operations(server);
    bind_faults(server);
    server.def("events", &Server::events, py::arg("since"), ReleaseGil());
    server.def("wait_for_event", &Server::wait_for_event, py::arg("since"), py::arg("at_most"), ReleaseGil());
}

}  // namespace simbroker::binding
