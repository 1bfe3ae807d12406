// Exploring by seed: workloads, plans and outcomes travel as JSON, so that any process can be asked.
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "python/binding/binding.hpp"
#include "simbroker/explore/shrink.hpp"
#include "simbroker/explore/workload.hpp"

namespace simbroker::binding {

namespace {

explore::Workload workload_of(const std::string& text) {
    if (text.empty()) return {};
    const auto workload = explore::workload_from_text(text);
    if (!workload) raise("ConfigurationError", "workload: " + workload.error());
    return *workload;
}

// What happened, as JSON.
std::string explore_seed(Seed seed, const std::string& workload) {
    const auto plan = explore::draw(workload_of(workload), seed);
    const py::gil_scoped_release running;
    return to_json(explore::run(plan));
}

std::string run_plan(const std::string& json) {
    const auto plan = explore::plan_from_json(json);
    if (!plan) raise("ConfigurationError", plan.error());
    if (!profile::find(plan->profile)) raise("ConfigurationError", "a plan: profile: there is no " + plan->profile);
    const py::gil_scoped_release running;
    return to_json(explore::run(*plan));
}

std::string draw_plan(Seed seed, const std::string& workload) {
    return to_json(explore::draw(workload_of(workload), seed));
}

// Shrinks and writes; the files' names, none if there is nothing to shrink.
std::vector<std::filesystem::path> shrink_seed(
    Seed seed, const std::string& workload, const std::filesystem::path& directory
) {
    const auto plan = explore::draw(workload_of(workload), seed);
    auto files = [&]() -> std::expected<std::vector<std::filesystem::path>, std::string> {
        const py::gil_scoped_release running;
        const auto shrunk = explore::shrink(plan);
        if (!shrunk) return std::vector<std::filesystem::path>{};
        return explore::write_reproduction(directory, *shrunk);
    }();
    if (!files) raise("Error", files.error());
    return *files;
}

}  // namespace

void bind_explore(py::module_& module) {
    module.def("explore_seed", &explore_seed, py::arg("seed"), py::arg("workload"));
    module.def("run_plan", &run_plan, py::arg("plan"));
    module.def("draw_plan", &draw_plan, py::arg("seed"), py::arg("workload"));
    module.def("shrink_seed", &shrink_seed, py::arg("seed"), py::arg("workload"), py::arg("directory"));
}

}  // namespace simbroker::binding
