// Workload files.
#include "simbroker/explore/workload.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "simbroker/explore/fields.hpp"
#include "simbroker/profile/profile.hpp"
#include "simbroker/yaml/yaml.hpp"

namespace simbroker::explore {
namespace {

using nlohmann::json;

// {consumer: 3, getter: 0}: those that are named; the others keep their weight.
template <std::size_t size>
void read_weights(
    Fields& fields, const char* name, std::array<std::uint32_t, size>& weights, std::span<const std::string_view> names
) {
    fields.object(name, [&](const json& object, const std::string& path) {
        Fields inner(object, path, fields.error());
        for (std::size_t i = 0; i < size; ++i) inner.number(std::string(names[i]).c_str(), weights[i]);
        inner.no_others();
    });
}

void seconds(Fields& fields, const char* name, Milliseconds& value) {
    auto whole = static_cast<std::uint64_t>(value.count() / 1000);
    fields.number(name, whole, 1);
    constexpr std::uint64_t year = 31'557'600;
    if (whole > year && fields.error().empty()) fields.error() = fmt::format("{}: expected at most {}", name, year);
    value = std::chrono::seconds(whole);
}

void check(const Workload& workload, std::string& error) {
    if (!error.empty()) return;
    constexpr std::uint32_t most_clients = 10'000;
    if (workload.clients > most_clients) error = fmt::format("clients: expected at most {}", most_clients);
    if (const auto refused = refused_profile(workload.profile)) error = "profile: " + *refused;
    std::uint64_t roles = 0;
    for (const auto weight : workload.roles) roles += weight;
    if (roles == 0) error = "roles: expected at least one weight above 0";
    std::uint64_t uses = 0;
    for (const auto weight : workload.uses) uses += weight;
    if (uses == 0) error = "uses: expected at least one weight above 0";
    if (workload.disk_delays.empty()) error = "disk_delays: expected at least one";
}

}  // namespace

std::vector<const profile::Profile*> explorable_profiles() {
    std::vector<const profile::Profile*> all;
    for (const auto* profile : profile::all()) {
        if (profile->deviations.extension_methods == profile::ExtensionMethods::offered) all.push_back(profile);
    }
    return all;
}

std::optional<std::string> refused_profile(std::string_view name) {
    std::string known;
    for (const auto* profile : explorable_profiles()) {
        if (profile->name == name) return std::nullopt;
        known += fmt::format("{}{}", known.empty() ? "" : ", ", profile->name);
    }
    return fmt::format("is \"{}\"; expected one of {}, which offer confirms and basic.nack", name, known);
}

namespace {

std::expected<Workload, std::string> workload_of(const json& object) {
    Workload workload;
    std::string error;
    Fields fields(object, "", error);
    fields.text("profile", workload.profile);
    fields.number("clients", workload.clients, 1);
    fields.number("queues", workload.queues, 1);
    seconds(fields, "seconds", workload.length);
    seconds(fields, "calm_seconds", workload.calm);
    fields.number("steps_per_minute", workload.steps_per_minute);
    fields.number("mishaps_per_minute", workload.mishaps_per_minute);
    fields.number("body", workload.body);
    std::vector<std::uint32_t> delays;
    fields.list("disk_delays", [&](const json& delay, const std::string& path) {
        const json object_of_one{{"delay", delay}};
        std::uint32_t value = 0;
        Fields(object_of_one, path, error).number("delay", value);
        delays.push_back(value);
    });
    if (object.is_object() && object.contains("disk_delays")) workload.disk_delays = delays;
    read_weights(fields, "roles", workload.roles, role_names());
    read_weights(fields, "uses", workload.uses, queue_use_names());
    read_weights(fields, "mishaps", workload.mishaps, mishap_names());
    fields.no_others();
    check(workload, error);
    if (!error.empty()) return std::unexpected(error);
    return workload;
}

}  // namespace

std::expected<Workload, std::string> workload_from_text(std::string_view text) {
    const auto object = yaml::json_of_text(text, "the workload");
    if (!object) return std::unexpected(to_string(object.error()));
    return workload_of(*object);
}

std::expected<Workload, std::string> workload_from_file(const std::filesystem::path& file) {
    const auto object = yaml::json_of_file(file);
    if (!object) return std::unexpected(to_string(object.error()));
    auto workload = workload_of(*object);
    if (!workload) return std::unexpected(fmt::format("{}: {}", file.string(), workload.error()));
    return workload;
}

}  // namespace simbroker::explore
