// Scenarios from Python: loaded, or written there, and run against the simulated broker, a broker over TCP, or a client
// through its shim.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <memory>

#include "conformance/catalogue/loader.hpp"
#include "conformance/runner/client_stage.hpp"
#include "conformance/runner/deviation.hpp"
#include "conformance/runner/run_scenario.hpp"
#include "conformance/runner/simulated_stage.hpp"
#include "conformance/runner/tcp_stage.hpp"
#include "conformance/runner/traced_broker.hpp"
#include "conformance/step/verb.hpp"
#include "python/binding/binding.hpp"
#include "simbroker/core/broker.hpp"
#include "simbroker/extension/exchange_type.hpp"

namespace simbroker::binding {

namespace {

using conformance::catalogue::Catalogue;
using conformance::catalogue::LoadError;
using conformance::catalogue::Requirements;
using conformance::catalogue::Scenario;
using conformance::runner::Deviation;
using std::filesystem::path;

[[noreturn]] void refuse(const std::vector<LoadError>& errors) {
    std::string text;
    for (const auto& error : errors) text += (text.empty() ? "" : "\n") + to_string(error);
    raise("ScenarioError", text);
}

// The requirements scenarios cite. A struct of its own, so that Python gets a handle and no dict.
struct Clauses {
    Requirements requirements;
};

Clauses load_requirements(const path& file) {
    auto loaded = conformance::catalogue::load_requirements(file);
    if (!loaded) refuse(loaded.error());
    return {std::move(*loaded)};
}

std::vector<Scenario> load_catalogue(const path& scenarios, const path& requirements) {
    auto catalogue = conformance::catalogue::load_catalogue({scenarios, requirements});
    if (!catalogue.errors.empty()) refuse(catalogue.errors);
    return std::move(catalogue.scenarios);
}

std::vector<Scenario> load_file(const path& file, const Clauses& clauses) {
    std::vector<LoadError> errors;
    auto scenarios = conformance::catalogue::load_scenarios(file, file.string(), clauses.requirements, errors);
    if (!errors.empty()) refuse(errors);
    return scenarios;
}

std::vector<Scenario> parse(const std::string& text, const std::string& origin, const Clauses& clauses) {
    std::vector<LoadError> errors;
    auto scenarios = conformance::catalogue::parse_scenarios(text, origin, clauses.requirements, errors);
    if (!errors.empty()) refuse(errors);
    return scenarios;
}

std::vector<Deviation> load_deviations(const path& file) {
    auto loaded = conformance::runner::load_deviations(file);
    if (!loaded) refuse(loaded.error());
    return std::move(*loaded);
}

struct RunSettings {
    conformance::runner::RunOptions options;
    std::vector<Deviation> deviations;
};

RunSettings settings_of(const std::string& prefix, std::int64_t timeout, std::vector<Deviation> deviations) {
    return {{.prefix = prefix, .patience = Duration(timeout)}, std::move(deviations)};
}

py::dict outcome(const conformance::runner::Result& result) {
    py::dict fields;
    fields["verdict"] = std::string(conformance::runner::to_string(result.verdict));
    fields["file"] = result.at.file;
    fields["line"] = result.at.line;
    fields["message"] = result.message;
    fields["transcript"] = result.transcript;
    fields["shim_errors"] = result.shim_errors;
    fields["reason"] = result.reason;
    fields["link"] = result.link;
    fields["seconds"] = std::chrono::duration<double>(result.took).count();
    return fields;
}

// A run without Python's lock; a shim in Python, or a broker of this very process, needs it.
template <typename Stage>
py::dict run(const Scenario& scenario, Stage& stage, const RunSettings& settings) {
    auto result = [&] {
        const py::gil_scoped_release running;
        auto ended = conformance::runner::run_scenario(stage, scenario, settings.options);
        conformance::runner::apply_deviations(ended, settings.deviations);
        return ended;
    }();
    return outcome(result);
}

BrokerConfig config_of(const std::string& name) {
    const auto* found = profile::find(name);
    if (found == nullptr) raise("ConfigurationError", "there is no profile " + name);
    return {.profile = *found, .plugins = extension::known_plugins()};
}

py::dict run_simulated(const Scenario& scenario, const RunSettings& settings, const std::string& profile, Seed seed) {
    conformance::runner::SimulatedStage stage(
        std::make_unique<Broker>(conformance::runner::configured(config_of(profile), scenario.broker), seed), {}
    );
    return run(scenario, stage, settings);
}

py::dict run_broker(
    const Scenario& scenario,
    const RunSettings& settings,
    const std::string& url,
    std::int64_t longest_advance,
    const std::string& operator_command
) {
    auto target = conformance::runner::TcpTarget::parse(url);
    if (!target) raise("ConfigurationError", target.error());
    if (!operator_command.empty()) target->operator_command.emplace(operator_command);
    conformance::runner::TcpStage stage(*target, Duration(longest_advance));
    return run(scenario, stage, settings);
}

py::dict run_client(
    const Scenario& scenario,
    const RunSettings& settings,
    const std::vector<std::string>& command,
    const std::string& profile,
    Seed seed,
    std::int64_t longest_advance
) {
    const conformance::runner::ClientTarget target{
        .command = command, .config = config_of(profile), .seed = seed, .broken = {}
    };
    auto stage = [&] {
        const py::gil_scoped_release starting;
        return conformance::runner::ClientStage::start(target, Duration(longest_advance));
    }();
    if (!stage) raise("ShimError", stage.error());
    return run(scenario, **stage, settings);
}

// name, the role it is for ("" for both), its modifiers
using VerbRow = std::tuple<std::string, std::string, std::vector<std::string>>;

std::vector<VerbRow> verbs() {
    std::vector<VerbRow> rows;
    for (const auto& verb : conformance::step::verbs()) {
        const auto role = verb.only ? std::string(to_string(*verb.only)) : std::string();
        rows.emplace_back(verb.name, role, std::vector<std::string>(verb.modifiers.begin(), verb.modifiers.end()));
    }
    return rows;
}

void bind_scenario(py::module_& module) {
    py::class_<Scenario>(module, "Scenario")
        .def_readonly("id", &Scenario::id)
        .def_readonly("title", &Scenario::title)
        .def_readonly("clauses", &Scenario::clauses)
        .def_readonly("notes", &Scenario::notes)
        .def_property_readonly(
            "under_test", [](const Scenario& self) { return std::string(to_string(self.under_test)); }
        )
        .def_property_readonly("level", [](const Scenario& self) { return std::string(to_string(self.level)); })
        .def_property_readonly("file", [](const Scenario& self) { return self.at.file; })
        .def_property_readonly("line", [](const Scenario& self) { return self.at.line; });
}

}  // namespace

void bind_scenarios(py::module_& module) {
    bind_scenario(module);
    py::class_<Clauses>(module, "Requirements");
    py::class_<Deviation>(module, "Deviation");
    py::class_<RunSettings>(module, "RunSettings");
    module.def("load_requirements", &load_requirements, py::arg("file"));
    module.def("load_catalogue", &load_catalogue, py::arg("scenarios"), py::arg("requirements"));
    module.def("load_scenarios", &load_file, py::arg("file"), py::arg("requirements"));
    module.def("parse_scenarios", &parse, py::arg("text"), py::arg("origin"), py::arg("requirements"));
    module.def("load_deviations", &load_deviations, py::arg("file"));
    module.def("matches_glob", &conformance::catalogue::matches_glob, py::arg("glob"), py::arg("text"));
    module.def("verbs", &verbs);
    module.def("run_settings", &settings_of, py::arg("prefix"), py::arg("timeout"), py::arg("deviations"));
    module.def(
        "run_simulated", &run_simulated, py::arg("scenario"), py::arg("settings"), py::arg("profile"), py::arg("seed")
    );
    module.def(
        "run_broker",
        &run_broker,
        py::arg("scenario"),
        py::arg("settings"),
        py::arg("url"),
        py::arg("longest_advance"),
        py::arg("operator_command")
    );
    module.def(
        "run_client",
        &run_client,
        py::arg("scenario"),
        py::arg("settings"),
        py::arg("command"),
        py::arg("profile"),
        py::arg("seed"),
        py::arg("longest_advance")
    );
}

}  // namespace simbroker::binding
